{
    trace.assert(
        span("Bluesky RunEngine run")
            .attr("exit_status", "None")
            .attr("reason", "None")
            .lasting(..=us(51819)),
    );
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [0.0]).lasting(..=us(4451)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor1")
            .attr("target", 0.0)
            .attr("finish_pos", 0.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(3535)),
    );
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [5.0]).lasting(..=us(964)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor2")
            .attr("target", 5.0)
            .attr("finish_pos", 5.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(450)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(242)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(363)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor1").lasting(..=us(73)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor2").lasting(..=us(70)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(200)));
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [6.0]).lasting(..=us(1103)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor2")
            .attr("target", 6.0)
            .attr("finish_pos", 6.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(516)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(194)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(349)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor1").lasting(..=us(66)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor2").lasting(..=us(62)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(182)));
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [7.0]).lasting(..=us(1038)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor2")
            .attr("target", 7.0)
            .attr("finish_pos", 7.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(577)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(173)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(297)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor1").lasting(..=us(53)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor2").lasting(..=us(46)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(140)));
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [1.0]).lasting(..=us(846)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor1")
            .attr("target", 1.0)
            .attr("finish_pos", 1.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(443)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(168)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(295)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor2").lasting(..=us(47)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(165)));
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [6.0]).lasting(..=us(851)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor2")
            .attr("target", 6.0)
            .attr("finish_pos", 6.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(455)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(131)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(251)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor1").lasting(..=us(51)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor2").lasting(..=us(51)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(175)));
    trace.assert(span("Bluesky RunEngine set").attr("msg.args", [5.0]).lasting(..=us(818)));
    trace.assert(
        span("Ophyd Status")
            .attr("device_name", "motor2")
            .attr("target", 5.0)
            .attr("finish_pos", 5.0)
            .parent(span("Bluesky RunEngine set"))
            .lasting(..=us(446)),
    );
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(138)));
    trace.assert(span("Ophyd Status").attr("device_name", "det4").lasting(..=us(257)));
    trace.assert(span("Ophyd Status").attr("device_name", "motor1").lasting(..=us(90)));
    trace.assert(span("Bluesky RunEngine wait").lasting(..=us(126)));
}
