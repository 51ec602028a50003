//! What programs give to the harness and get from it, by serde.

mod documents;

use serde_json::json;
use skyspan::plan::preprocessors::{inject_md_wrapper, run_wrapper};
use skyspan::prelude::*;
use skyspan::value::Value;

fn start_of(run: &Outcome) -> serde_json::Value {
    serde_json::to_value(run.documents().first()).expect("a document is JSON")
}

#[test]
fn metadata_is_taken_as_json_wherever_it_is_taken() {
    let lab = Harness::builder().md(json!({"beamline": "7"})).build();
    let det = lab.device("det");
    let wrapped = |md: serde_json::Value| run_wrapper(plan(async |p| p.null().await), md);
    let cases: Vec<(&str, Outcome)> = vec![
        ("call", lab.run_with(plans::count(&det, 1), json!({"sample": "A", "t": 4.2, "limit": "NaN"}))),
        (
            "options",
            lab.run_with(plans::count(&det, 1), CallOptions::from(json!({"sample": "A", "t": 4.2, "limit": "NaN"}))),
        ),
        ("plan", lab.run(plans::count(&det, 1).md(json!({"sample": "A", "t": 4.2, "limit": "NaN"})))),
        ("wrapper", lab.run(wrapped(json!({"sample": "A", "t": 4.2, "limit": "NaN"})))),
        ("injected", lab.run(inject_md_wrapper(wrapped(json!({})), json!({"sample": "A", "t": 4.2, "limit": "NaN"})))),
        (
            "stub",
            lab.run(plan(async |p| {
                p.open_run(json!({"sample": "A", "t": 4.2, "limit": "NaN"})).await?;
                p.close_run().await
            })),
        ),
        (
            "in a run",
            lab.run(plan(async |p| p.in_run(json!({"sample": "A", "t": 4.2, "limit": "NaN"}), p.null()).await)),
        ),
        (
            "message",
            lab.run(plan(async |p| {
                p.msg(Msg::open_run(json!({"sample": "A", "t": 4.2, "limit": "NaN"}))).await?;
                p.close_run().await
            })),
        ),
        (
            "pairs",
            lab.run_with(
                plans::count(&det, 1),
                [("sample", Value::from("A")), ("t", 4.2.into()), ("limit", f64::NAN.into())],
            ),
        ),
    ];
    for (how, run) in cases {
        run.assert_success();
        let start = start_of(&run);
        for (key, expected) in
            [("beamline", json!("7")), ("sample", json!("A")), ("t", json!(4.2)), ("limit", json!("NaN"))]
        {
            assert_eq!(start[key], expected, "{how}: {start}");
        }
        // It is the float, and not the string.
        let limit = run.documents()[0].to_map().get("limit").and_then(Value::as_f64);
        assert!(limit.is_some_and(f64::is_nan), "{how}: {limit:?}");
    }
}

#[test]
fn ordered_metadata_keeps_its_order() {
    let lab = Harness::new();
    let md = Map::from_iter([("z", 1), ("a", 2), ("m", 3)]);
    let run = lab.run_with(plans::count(&lab.device("det"), 1), md);
    let text = serde_json::to_string(&run.documents()[0]).unwrap();
    let at = |key: &str| text.find(key).unwrap_or_else(|| panic!("no {key} in {text}"));
    assert!(at("\"z\"") < at("\"a\"") && at("\"a\"") < at("\"m\""), "{text}");
}

#[test]
#[should_panic(expected = "expected a JSON object, as json!({\"key\": 5}), found \"A\"")]
fn metadata_that_is_no_object_is_a_mistake_of_the_test() {
    let lab = Harness::new();
    let _ = lab.run_with(plans::count(&lab.device("det"), 1), json!("A"));
}

#[test]
fn arguments_attributes_and_resources_are_json_too() {
    let lab = Harness::builder().resource(json!({"service.name": "beamline 7", "floor": 2})).build();
    let motor = lab.device("motor");
    let run = lab.run(plan(async move |p| {
        p.mv(&motor, json!(5)).await?;
        let set = GenericMsg::new("set").about(&motor).arg(json!(2.5)).kwarg("group", json!("g"));
        p.msg(set).await?;
        p.wait("g").await
    }));
    run.assert_success();
    run.assert(one(span("Ophyd Status").attr("target", json!(5)).resource("floor", json!(2))));
    run.assert(one(span("Ophyd Status").attr("target", json!(2.5))));
    run.assert(none(span("Ophyd Status").attr("target", json!(5.0))));
    run.assert(at_least(1, span("Bluesky RunEngine set").attr("msg.args", json!([5]))));
}

#[test]
fn what_a_device_reads_as_nan_is_told_as_nan() {
    let lab = Harness::new();
    let broken = lab.add(Signal::new("broken", f64::NAN));
    let run = lab.run(plans::count(&broken, 1));
    run.assert_success();
    let event = serde_json::to_value(run.events().next()).unwrap();
    assert_eq!(event["data"], json!({"broken": "NaN"}));
    let again: Document = serde_json::from_value(event).unwrap();
    let Document::Event(event) = again else { panic!("{again:?}") };
    assert!(event.get("broken").and_then(Value::as_f64).is_some_and(f64::is_nan));
}

#[test]
fn documents_are_snapshotted_with_redactions() {
    let lab = Harness::new();
    let run = lab.run_with(plans::count(&lab.device("det1"), 1), json!({"sample": "A", "limit": "Infinity"}));
    insta::assert_json_snapshot!(run.documents(), {
        "[].uid" => "[uid]",
        "[].run_start" => "[uid]",
        "[].descriptor" => "[uid]",
        "[].time" => "[time]",
        "[].timestamps" => "[times]",
        "[].configuration.*.timestamps" => "[times]",
        "[].versions" => "[versions]",
    }, @r#"
    [
      {
        "uid": "[uid]",
        "time": "[time]",
        "versions": "[versions]",
        "scan_id": 1,
        "plan_type": "Plan",
        "plan_name": "count",
        "detectors": [
          "det1"
        ],
        "num_points": 1,
        "num_intervals": 0,
        "plan_args": {
          "detectors": [
            "SynGauss(prefix='', name='det1', read_attrs=['val'], configuration_attrs=['Imax', 'center', 'sigma', 'noise', 'noise_multiplier'])"
          ],
          "num": 1,
          "delay": 0.0
        },
        "hints": {
          "dimensions": [
            [
              [
                "time"
              ],
              "primary"
            ]
          ]
        },
        "limit": "Infinity",
        "sample": "A"
      },
      {
        "configuration": {
          "det1": {
            "data": {
              "det1_Imax": 5,
              "det1_center": 0,
              "det1_sigma": 0.5,
              "det1_noise": "none",
              "det1_noise_multiplier": 1
            },
            "timestamps": "[times]",
            "data_keys": {
              "det1_Imax": {
                "source": "SIM:det1_Imax",
                "dtype": "integer",
                "shape": []
              },
              "det1_center": {
                "source": "SIM:det1_center",
                "dtype": "integer",
                "shape": []
              },
              "det1_sigma": {
                "source": "SIM:det1_sigma",
                "dtype": "number",
                "shape": []
              },
              "det1_noise": {
                "source": "SIM:det1_noise",
                "dtype": "integer",
                "shape": [],
                "enum_strs": [
                  "none",
                  "poisson",
                  "uniform"
                ]
              },
              "det1_noise_multiplier": {
                "source": "SIM:det1_noise_multiplier",
                "dtype": "integer",
                "shape": []
              }
            }
          }
        },
        "data_keys": {
          "det1": {
            "source": "SIM:det1",
            "dtype": "number",
            "shape": [],
            "precision": 3,
            "object_name": "det1"
          }
        },
        "name": "primary",
        "object_keys": {
          "det1": [
            "det1"
          ]
        },
        "run_start": "[uid]",
        "time": "[time]",
        "uid": "[uid]",
        "object_classes": {},
        "hints": {
          "det1": {
            "fields": [
              "det1"
            ]
          }
        }
      },
      {
        "uid": "[uid]",
        "time": "[time]",
        "data": {
          "det1": 5.0
        },
        "timestamps": "[times]",
        "seq_num": 1,
        "filled": {},
        "descriptor": "[uid]"
      },
      {
        "uid": "[uid]",
        "time": "[time]",
        "run_start": "[uid]",
        "exit_status": "success",
        "reason": "",
        "num_events": {
          "primary": 1
        }
      }
    ]
    "#);
}

#[test]
fn a_trace_of_a_run_is_snapshotted_with_redactions() {
    let lab = Harness::new();
    let stage = lab.add(SynAxis::new("stage").delay_s(0.5));
    let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 1, 2));
    insta::assert_json_snapshot!(run.trace().spans().next(), {
        ".trace_id" => "[trace id]",
        ".span_id" => "[span id]",
        ".parent_id" => "[span id]",
        ".start" => "[time]",
        ".end" => "[time]",
    }, @r#"
    {
      "name": "Bluesky RunEngine set",
      "trace_id": "[trace id]",
      "span_id": "[span id]",
      "parent_id": "[span id]",
      "kind": "INTERNAL",
      "status": {
        "code": "UNSET"
      },
      "start": "[time]",
      "end": "[time]",
      "duration_ns": 0,
      "attributes": {
        "msg.command": "set",
        "msg.args": [
          0.0
        ],
        "msg.kwargs": "{\"group\": \"set-35a405\"}",
        "msg.obj": "SynAxis(prefix='', name='stage', read_attrs=['readback', 'setpoint'], configuration_attrs=['velocity', 'acceleration'])"
      },
      "scope": {
        "name": "bluesky.tracing"
      },
      "resource": {
        "attributes": {
          "service.name": "skyspan"
        }
      },
      "start_order": 1
    }
    "#);
    let again: Trace = serde_json::from_str(&serde_json::to_string(run.trace()).unwrap()).unwrap();
    assert_eq!(again, *run.trace());
    assert_eq!(again.draw().to_string(), run.trace().draw().to_string());
}

#[test]
fn an_outcome_tells_all_of_it() {
    let lab = Harness::builder().chronicled().build();
    let stage = lab.add(SynAxis::new("stage").delay_s(2.0).fault(Fault::on_set(2).fails_after(secs(0.5), "stalled")));
    lab.at(secs(99.0)).pause();
    let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 1, 2));
    let json = serde_json::to_value(&run).unwrap();
    assert!(serde_json::to_string(&run).unwrap().starts_with(r#"{"version":1,"exit_status":"fail","reason":"#));
    assert_eq!((&json["state"], &json["interrupted"], &json["seed"]), (&json!("idle"), &json!(false), &json!(0)));
    assert_eq!(json["exception"]["name"], json!("FailedStatus"));
    assert!(json["exception"]["message"].as_str().unwrap().contains("stalled"), "{}", json["exception"]);
    assert_eq!(
        (&json["started"], &json["duration_ns"]),
        (&json!("2024-06-18T08:40:56.000000000Z"), &json!(2_500_000_000_u64))
    );
    assert_eq!(json.get("plan_result"), None, "it did not come to its end");
    let of_messages = json["messages"].as_array().unwrap().iter().map(|msg| msg["command"].as_str().unwrap());
    assert!(of_messages.eq(run.messages().iter().map(Msg::command)), "{}", json["messages"]);
    assert_eq!(json["documents"], serde_json::to_value(run.documents()).unwrap());
    assert_eq!(json["trace"], serde_json::to_value(run.trace()).unwrap());

    let happenings = json["chronicle"]["happenings"].as_array().unwrap();
    assert_eq!(happenings.len(), run.chronicle().unwrap().happenings().len());
    let of = |kind: &str| happenings.iter().filter(|happening| happening.get(kind).is_some()).collect::<Vec<_>>();
    assert_eq!(of("state")[0]["state"], json!({"from": "idle", "to": "running"}));
    let failed =
        of("status").into_iter().find(|it| it["status"]["success"] == json!(false)).expect("a status that failed");
    let (status, time) = (&failed["status"], &failed["time"]);
    assert_eq!((&status["device"], &status["elapsed_ns"]), (&json!("stage"), &json!(500_000_000)), "{status}");
    assert_eq!(time, &json!("2024-06-18T08:40:58.000000000Z"));
    assert!(status["exception"]["message"].as_str().unwrap().contains("stalled"));
    let devices = json["chronicle"]["devices"].as_array().unwrap();
    let calls = &devices.iter().find(|device| device["device"] == "stage").expect("the stage")["calls"];
    let set = calls.as_array().unwrap().iter().find(|call| call["method"] == "set").expect("a set");
    assert_eq!(
        (&set["args"], &set["kwargs"], &set["time"]),
        (&json!([0.0]), &json!({}), &json!("2024-06-18T08:40:56.000000000Z"))
    );
}

#[test]
fn what_was_refused_and_what_a_plan_gave_is_in_the_outcome() {
    let lab = Harness::new();
    lab.at(secs(1.0)).resume();
    let run = lab.run(plan(async |p| {
        p.sleep(2.0).await?;
        Ok(Value::from(f64::NEG_INFINITY))
    }));
    let json = serde_json::to_value(&run).unwrap();
    assert_eq!((&json["plan_result"], &json["exception"]), (&json!("-Infinity"), &json!(null)));
    assert_eq!(
        (&json["refused"][0]["state"], &json["refused"][0]["name"]),
        (&json!("running"), &json!("TransitionError"))
    );
}

#[test]
fn an_estimate_is_told_to_programs() {
    let lab = Harness::builder().untraced().build();
    let stage = lab.add(SynAxis::new("stage").delay_s(0.5));
    let estimate = lab.estimate(plans::scan(&lab.device("det"), &stage, 0, 10, 11));
    let json = serde_json::to_value(&estimate).unwrap();
    assert_eq!(
        (&json["version"], &json["duration_ns"], &json["points"]),
        (&json!(1), &json!(5_500_000_000_u64), &json!(11))
    );
    assert_eq!(json["streams"], json!([{"name": "primary", "events": 11}]));
    assert_eq!(json["commands"][0], json!({"command": "wait", "messages": 22, "time_ns": 5_500_000_000_u64}));
    let stage = json["devices"].as_array().unwrap().iter().find(|device| device["device"] == "stage").unwrap();
    assert_eq!(stage["busy_ns"], json!(5_500_000_000_u64));
    assert_eq!(json["document_bytes"], json!(estimate.document_bytes()));
    assert_eq!((&json["apart_ns"], &json["failure"]), (&json!(0), &json!(null)));
}

#[cfg(feature = "plan-files")]
#[test]
fn what_came_of_an_item_is_told_to_programs() {
    use skyspan::program::Program;
    let file = Program::parse(
        "items:\n- {item_type: messages, messages: [{command: sleep, args: [1]}, {command: pause}]}\n- {item_type: request, do: resume}",
    )
    .unwrap();
    let lab = Harness::new();
    let prepared = lab.prepare(&file).unwrap();
    let outcomes: Vec<_> = prepared.items().iter().map(|item| item.run(&lab)).collect();
    let json = serde_json::to_value(&outcomes).unwrap();
    assert_eq!((&json[0]["version"], &json[0]["call"]["version"]), (&json!(1), &json!(1)));
    assert_eq!(json[0]["call"]["duration_ns"], json!(1_000_000_000), "{json}");
    for (item, outcome) in json.as_array().unwrap().iter().zip(&outcomes) {
        assert_eq!(item["is_success"], json!(outcome.is_success()));
        assert_eq!(item["call"].is_null(), outcome.call().is_none());
        assert_eq!(item["error"]["name"].as_str(), outcome.error().map(|error| error.name()).as_deref());
    }
}

#[cfg(feature = "property")]
#[test]
fn what_a_campaign_came_by_is_told_to_programs() {
    use skyspan::property::{Campaign, CampaignLimits, Law, OrFail};
    let no_events = Law::of_run("no events", |run: &Outcome| (run.events().count() == 0).or_fail("an event"));
    let result = Campaign::new(7, no_events).run(&CampaignLimits::cases(100));
    let json = serde_json::to_value(&result).unwrap();
    assert_eq!(
        (&json["version"], &json["seed"], &json["end"], &json["holds"]),
        (&json!(1), &json!(7), &json!("found"), &json!(false))
    );
    let found = result.counterexample.as_ref().expect("some plan reads");
    assert_eq!(
        (&json["counterexample"]["law"], &json["counterexample"]["why"]),
        (&json!("no events"), &json!("an event"))
    );
    assert_eq!(json["counterexample"]["rust"], json!(found.rust()));
    serde_json::from_value::<Trace>(json["counterexample"]["trace"].clone()).expect("a trace");
    let coverage = &json["coverage"];
    assert_eq!(coverage["cases"], json!(result.coverage.cases));
    assert_eq!(coverage["commands"].as_object().map(serde_json::Map::len), Some(result.coverage.commands.len()));
    assert_eq!(coverage["laws"], json!([{"name": "no events", "applied": result.coverage.cases, "silent": 0}]));
    assert!(
        coverage["transitions_missed"].as_array().unwrap().contains(&json!({"from": "running", "to": "panicked"})),
        "{coverage}"
    );
}
