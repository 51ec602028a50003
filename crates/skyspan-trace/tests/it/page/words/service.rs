{
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 0)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("check <cart> & \"basket\"")
            .attr("note", "</script><script>window.hacked = true</script>")
            .parent(span("POST /order/{id}"))
            .lasting(..=ms(2)),
    );
    trace.assert(span("GET /stock").parent(span("POST /order/{id}")).lasting(..=ms(6)));
    trace.assert(span("charge").parent(span("POST /order/{id}")).lasting(..=us(17800)));
    trace.assert(span("GET /stock").parent(span("GET /stock")).lasting(..=us(5200)));
    trace.assert(span("charge").parent(span("charge")).lasting(..=us(16600)));
    trace.assert(
        span("SELECT items")
            .attr("db.system", "postgresql")
            .attr("db.query.text", "SELECT * FROM items WHERE id = $1")
            .parent(span("GET /stock"))
            .lasting(..=ms(4)),
    );
    trace.assert(span("bank").parent(span("charge")).lasting(..=ms(14)));
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 1)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 2)
            .lasting(..=ms(24)),
    );
    trace.assert(span("publish order").parent(span("POST /order/{id}")).lasting(..=us(1500)));
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 3)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 4)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 5)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 200)
            .attr("order.id", 6)
            .lasting(..=ms(24)),
    );
    trace.assert(
        span("POST /order/{id}")
            .attr("http.route", "/order/{id}")
            .attr("http.response.status_code", 500)
            .attr("order.id", 7)
            .status_error()
            .lasting(..=ms(24)),
    );
    trace.assert(span("charge").parent(span("charge")).status_error().lasting(..=us(16600)));
}
