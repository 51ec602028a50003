trace.expect(
    span(
        "Bluesky RunEngine run",
        lasting="..=51819us",
        attributes={"exit_status": "None", "reason": "None"},
    ),
)
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=4451us",
        attributes={"msg.args": [0.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=3535us",
        device_name="motor1",
        target=0.0,
        finish_pos=0.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=964us",
        attributes={"msg.args": [5.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=450us",
        device_name="motor2",
        target=5.0,
        finish_pos=5.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=242us"))
trace.expect(span("Ophyd Status", lasting="..=363us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=73us", device_name="motor1"))
trace.expect(span("Ophyd Status", lasting="..=70us", device_name="motor2"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=200us"))
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=1103us",
        attributes={"msg.args": [6.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=516us",
        device_name="motor2",
        target=6.0,
        finish_pos=6.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=194us"))
trace.expect(span("Ophyd Status", lasting="..=349us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=66us", device_name="motor1"))
trace.expect(span("Ophyd Status", lasting="..=62us", device_name="motor2"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=182us"))
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=1038us",
        attributes={"msg.args": [7.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=577us",
        device_name="motor2",
        target=7.0,
        finish_pos=7.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=173us"))
trace.expect(span("Ophyd Status", lasting="..=297us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=53us", device_name="motor1"))
trace.expect(span("Ophyd Status", lasting="..=46us", device_name="motor2"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=140us"))
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=846us",
        attributes={"msg.args": [1.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=443us",
        device_name="motor1",
        target=1.0,
        finish_pos=1.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=168us"))
trace.expect(span("Ophyd Status", lasting="..=295us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=47us", device_name="motor2"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=165us"))
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=851us",
        attributes={"msg.args": [6.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=455us",
        device_name="motor2",
        target=6.0,
        finish_pos=6.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=131us"))
trace.expect(span("Ophyd Status", lasting="..=251us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=51us", device_name="motor1"))
trace.expect(span("Ophyd Status", lasting="..=51us", device_name="motor2"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=175us"))
trace.expect(
    span(
        "Bluesky RunEngine set",
        lasting="..=818us",
        attributes={"msg.args": [5.0]},
    ),
)
trace.expect(
    span(
        "Ophyd Status",
        lasting="..=446us",
        device_name="motor2",
        target=5.0,
        finish_pos=5.0,
    ).parent(span("Bluesky RunEngine set")),
)
trace.expect(span("Bluesky RunEngine wait", lasting="..=138us"))
trace.expect(span("Ophyd Status", lasting="..=257us", device_name="det4"))
trace.expect(span("Ophyd Status", lasting="..=90us", device_name="motor1"))
trace.expect(span("Bluesky RunEngine wait", lasting="..=126us"))
