compiled! { |p|
"run" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::run_wrapper(inner, Map::new())).await?;
}
"stage" [det motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::stage_wrapper(inner, [det.clone()])).await?;
}
"lazily_stage" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::lazily_stage_wrapper(inner)).await?;
}
"baseline" [det motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::baseline_wrapper(inner, [det.clone()], "baseline")).await?;
}
"monitor_during" [det motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::monitor_during_wrapper(inner, [det.clone()])).await?;
}
"fly_during" [motor trivial_flyer] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::fly_during_wrapper(inner, [trivial_flyer.clone()])).await?;
}
"supplemental_data" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::SupplementalData { baseline: vec![], monitors: vec![], flyers: vec![] }.around(inner)).await?;
}
"relative_set" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::relative_set_wrapper(inner, None)).await?;
}
"reset_positions" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::reset_positions_wrapper(inner, None)).await?;
}
"configure_count_time" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::configure_count_time_wrapper(inner, 0)).await?;
}
"rewindable" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::rewindable_wrapper(inner, false)).await?;
}
"inject_md" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::inject_md_wrapper(inner, Map::from_iter([("sample", "A")]))).await?;
}
"set_run_key" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::set_run_key_wrapper(inner, "a")).await?;
}
"stub" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::stub_wrapper(inner)).await?;
}
"subs" [motor listener] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::subs_wrapper(inner, [(DocumentName::All, &listener)])).await?;
}
"suspend" [motor bool_high] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::suspend_wrapper(inner, [bool_high.clone()])).await?;
}
"finalize" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    let end = plan(async move |p| {
        p.null().await?;
        Ok(())
    });
    p.run(preprocessors::finalize_wrapper(inner, end)).await?;
}
"contingency" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::contingency_wrapper(inner)).await?;
}
"print_summary" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::print_summary_wrapper(inner, std::io::stderr())).await?;
}
"pchain" [motor] {
    let link_1 = plan(async move |p| {
        p.null().await?;
        Ok(())
    });
    let link_2 = {
        let motor = motor.clone();
        plan(async move |p| {
            p.abs_set_in(&motor, 1, "g").await?;
            Ok(())
        })
    };
    let link_3 = plan(async move |p| {
        p.sleep(0.1).await?;
        Ok(())
    });
    p.run(preprocessors::pchain([link_1, link_2, link_3])).await?;
}
"msg_mutator" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    p.run(preprocessors::msg_mutator(inner, |msg| (!matches!(&*msg.command(), "sleep")).then_some(msg))).await?;
}
"plan_mutator" [motor] {
    let inner = {
        let motor = motor.clone();
        plan(async move |p| {
            p.null().await?;
            p.abs_set_in(&motor, 1, "g").await?;
            p.sleep(0.1).await?;
            Ok(())
        })
    };
    let before_set = move || plan(async move |p| {
        p.null().await?;
        Ok(())
    });
    p.run(preprocessors::by_command(inner).before("set", before_set)).await?;
}
"count, per_shot" [det] {
    let inner = move || plan(async move |p| {
        p.sleep(0.5).await?;
        Ok(())
    });
    p.run(plans::count(&det, 2).per_shot(move |_| inner())).await?;
}
"scan, per_step" [det motor] {
    let inner = move || plan(async move |p| {
        p.sleep(0.5).await?;
        Ok(())
    });
    p.run(plans::scan(&det, &motor, 0, 1, 2).per_point(inner)).await?;
}
"msg_mutator, replace" [motor] {
    let inner = plan(async move |p| {
        p.sleep(1.0).await?;
        p.null().await?;
        p.checkpoint().await?;
        Ok(())
    });
    let replace_sleep = { let motor = motor.clone(); move || Msg::from(GenericMsg::new("set").about(&motor).arg(1)) };
    let replace_checkpoint = move || Msg::from(GenericMsg::new("sleep").arg(0.5));
    p.run(preprocessors::msg_mutator(inner, move |msg| match &*msg.command() { "sleep" => Some(replace_sleep()), "checkpoint" => Some(replace_checkpoint()), _ => Some(msg) })).await?;
}
"msg_mutator, drop and replace" [motor] {
    let inner = plan(async move |p| {
        p.sleep(1.0).await?;
        p.null().await?;
        p.checkpoint().await?;
        Ok(())
    });
    let replace_sleep = { let motor = motor.clone(); move || Msg::from(GenericMsg::new("set").about(&motor).arg(1)) };
    let replace_checkpoint = move || Msg::from(GenericMsg::new("sleep").arg(0.5));
    p.run(preprocessors::msg_mutator(inner, move |msg| match &*msg.command() { "null" => None, "sleep" => Some(replace_sleep()), "checkpoint" => Some(replace_checkpoint()), _ => Some(msg) })).await?;
}
}
