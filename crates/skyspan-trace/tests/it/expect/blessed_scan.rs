forest([
    span("Bluesky RunEngine run")
        .attr("run.uid", glob("*"))
        .exit_status("fail")
        .reason("")
        .status(Status::error("beam lost"))
        .events([event("exception").attr("exception.type", "FailedStatus").after(ns(7)..=ns(7))])
        .lasting(ms(3000)..=ms(3000)),
    span("demo plan").kind(SpanKind::Client).lasting(ms(3000)..=ms(3000)).children([
        span("Bluesky RunEngine set")
            .attr("msg.args", [5])
            .attr("msg.obj", glob("<Motor at *>"))
            .attr("group", glob("set-*"))
            .attr("msg.kwargs", glob("{\"group\": \"set-*\"}"))
            .lasting(ns(0)..=ns(0))
            .children([
                span("Ophyd Status")
                    .attr("start_time", between(1e8..))
                    .attr("target", 5.0)
                    .attr("text", "a \"quoted\"\nline")
                    .attr("large", 5000000000_i64)
                    .attr("mixed", [Value::from(1), Value::from("a"), Value::Null])
                    .attr("none", Vec::<Value>::new())
                    .attr("map", Map::from_iter([("a", Value::from([1, 2]))]))
                    .attr("uids", any())
                    .links([link_to(span("demo plan")), link_elsewhere()])
                    .open(),
            ]),
        span("Bluesky RunEngine wait").lasting(us(1)..=us(1)),
    ]),
])
