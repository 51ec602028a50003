//! Links, and all attributes.

use skyspan_trace::expect::{link_elsewhere, link_to};
use skyspan_trace::trace::{Attributes, Link};

use super::*;

#[test]
fn links_and_attributes_are_as_said() {
    let why = |text: &str| Attributes::from_iter([("why", text)]);
    let all = &Trace::from_spans([
        made("run", 1, 0, 0, 9).attribute("k", 1).build(),
        made("set", 2, 0, 0, 9)
            .link(Link::new(1, 1).with_attributes(why("cause")))
            .link(Link::new(7, 1))
            .attribute("a", 1)
            .attribute("b", 2)
            .build(),
    ]);
    let run = || link_to(span("run").attr("k", 1));
    for (expectation, holds) in [
        (span("set").link(run()), true),
        (span("set").link(run().attr("why", "cause")), true),
        (span("set").link(run().attr("why", "effect")), false),
        (span("set").link(link_elsewhere()), true),
        (span("set").link(link_to(span("set"))), false),
        (span("set").no_link(link_to(span("set"))), true),
        (span("set").no_link(link_elsewhere()), false),
        (span("set").links([run(), link_elsewhere()]), true),
        (span("set").links([link_elsewhere(), run()]), false),
        (span("set").links_in_any_order([link_elsewhere(), run()]), true),
        (span("set").links_in_any_order([link_elsewhere()]), false),
        (span("set").links_at_least([link_elsewhere()]), true),
        (span("set").links_at_least([link_elsewhere(), run()]), true),
        (span("set").links_at_least([link_elsewhere(), link_elsewhere()]), false),
        (span("set").links_at_least_in_order([run(), link_elsewhere()]), true),
        (span("set").links_at_least_in_order([link_elsewhere(), run()]), false),
        (span("run").links([]), true),
        (span("set").only_attrs(["a", "b"]), true),
        (span("set").only_attrs(["b", "a"]), true),
        (span("set").only_attrs(["a"]), false),
        (span("set").only_attrs(["a", "b", "c"]), false),
    ] {
        assert_eq!(all.check(&expectation).is_ok(), holds, "{expectation}");
    }
    let report = all.check(every(span("set")).links([run()])).unwrap_err().to_string();
    assert!(
        report.contains(r#"links: expected link to span "run" with k=1, found one to "run", one elsewhere"#),
        "{report}"
    );
}
