trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 0},
    ),
)
trace.expect(
    span(
        "check <cart> & \"basket\"",
        lasting="..=2ms",
        note="</script><script>window.hacked = true</script>",
    ).parent(span("POST /order/{id}")),
)
trace.expect(span("GET /stock", lasting="..=6ms").parent(span("POST /order/{id}")))
trace.expect(span("charge", lasting="..=17800us").parent(span("POST /order/{id}")))
trace.expect(span("GET /stock", lasting="..=5200us").parent(span("GET /stock")))
trace.expect(span("charge", lasting="..=16600us").parent(span("charge")))
trace.expect(
    span(
        "SELECT items",
        lasting="..=4ms",
        attributes={"db.system": "postgresql", "db.query.text": "SELECT * FROM items WHERE id = $1"},
    ).parent(span("GET /stock")),
)
trace.expect(span("bank", lasting="..=14ms").parent(span("charge")))
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 1},
    ),
)
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 2},
    ),
)
trace.expect(span("publish order", lasting="..=1500us").parent(span("POST /order/{id}")))
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 3},
    ),
)
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 4},
    ),
)
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 5},
    ),
)
trace.expect(
    span(
        "POST /order/{id}",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 200, "order.id": 6},
    ),
)
trace.expect(
    span(
        "POST /order/{id}",
        status="error",
        lasting="..=24ms",
        attributes={"http.route": "/order/{id}", "http.response.status_code": 500, "order.id": 7},
    ),
)
trace.expect(span("charge", status="error", lasting="..=16600us").parent(span("charge")))
