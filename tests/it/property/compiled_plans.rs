[
("adaptive_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
        Ok(())
    }).named("messages")
}),
("count", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.run(plans::count(&det, 1)).await?;
        Ok(())
    }).named("messages")
}),
("fly", |lab: &Harness| {
    let trivial_flyer = lab.device("trivial_flyer");
    plan(async move |p| {
        p.run(plans::fly(&trivial_flyer)).await?;
        Ok(())
    }).named("messages")
}),
("grid_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::grid_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
        Ok(())
    }).named("messages")
}),
("inner_product_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::inner_product_scan(&det, 2, &motor, 0, 2)).await?;
        Ok(())
    }).named("messages")
}),
("list_grid_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::list_grid_scan(&det, &motor, [0, 2])).await?;
        Ok(())
    }).named("messages")
}),
("list_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::list_scan(&det, &motor, [0, 2])).await?;
        Ok(())
    }).named("messages")
}),
("log_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::log_scan(&det, &motor, 0, 3, 2)).await?;
        Ok(())
    }).named("messages")
}),
("outer_product_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::outer_product_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
        Ok(())
    }).named("messages")
}),
("ramp_plan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        let inner = {
            let det = det.clone();
            move || {
                let det = det.clone();
                plan(async move |p| {
                    p.one_shot(&[det.clone()]).await?;
                    Ok(())
                })
            }
        };
        p.run(plans::ramp_plan({ let motor = motor.clone(); async move |p| p.abs_set(&motor, 2).await }, &det, inner).timeout_s(5.0).period_s(0.5)).await?;
        Ok(())
    }).named("messages")
}),
("rel_adaptive_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::rel_adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
        Ok(())
    }).named("messages")
}),
("rel_grid_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::rel_grid_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
        Ok(())
    }).named("messages")
}),
("rel_list_grid_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::rel_list_grid_scan(&det, &motor, [0, 2])).await?;
        Ok(())
    }).named("messages")
}),
("rel_list_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::rel_list_scan(&det, &motor, [0, 2])).await?;
        Ok(())
    }).named("messages")
}),
("rel_log_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::rel_log_scan(&det, &motor, 0, 3, 2)).await?;
        Ok(())
    }).named("messages")
}),
("rel_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::rel_scan(&det, &motor, 0, 2, 3)).await?;
        Ok(())
    }).named("messages")
}),
("rel_spiral", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::rel_spiral(&det, (&motor, &motor1), (1, 1), 0.5, 2)).await?;
        Ok(())
    }).named("messages")
}),
("rel_spiral_fermat", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::rel_spiral_fermat(&det, (&motor, &motor1), (1, 1), 0.5, 1)).await?;
        Ok(())
    }).named("messages")
}),
("rel_spiral_square", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::rel_spiral_square(&det, (&motor, &motor1), (1, 1), (2, 2))).await?;
        Ok(())
    }).named("messages")
}),
("relative_adaptive_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::relative_adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
        Ok(())
    }).named("messages")
}),
("relative_inner_product_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::relative_inner_product_scan(&det, 2, &motor, 0, 2)).await?;
        Ok(())
    }).named("messages")
}),
("relative_list_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::relative_list_scan(&det, &motor, [0, 2])).await?;
        Ok(())
    }).named("messages")
}),
("relative_log_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::relative_log_scan(&det, &motor, 0, 3, 2)).await?;
        Ok(())
    }).named("messages")
}),
("relative_outer_product_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::relative_outer_product_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
        Ok(())
    }).named("messages")
}),
("relative_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::relative_scan(&det, &motor, 0, 2, 3)).await?;
        Ok(())
    }).named("messages")
}),
("relative_spiral", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::relative_spiral(&det, (&motor, &motor1), (1, 1), 0.5, 2)).await?;
        Ok(())
    }).named("messages")
}),
("relative_spiral_fermat", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::relative_spiral_fermat(&det, (&motor, &motor1), (1, 1), 0.5, 1)).await?;
        Ok(())
    }).named("messages")
}),
("scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::scan(&det, &motor, 0, 2, 3)).await?;
        Ok(())
    }).named("messages")
}),
("scan_nd", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::scan_nd(&det, skyspan::plan::patterns::cycler(&motor, [0, 2]))).await?;
        Ok(())
    }).named("messages")
}),
("spiral", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::spiral(&det, (&motor, &motor1), (0, 0), (1, 1), 0.5, 2)).await?;
        Ok(())
    }).named("messages")
}),
("spiral_fermat", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::spiral_fermat(&det, (&motor, &motor1), (0, 0), (1, 1), 0.5, 1)).await?;
        Ok(())
    }).named("messages")
}),
("spiral_square", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::spiral_square(&det, (&motor, &motor1), (0, 0), (1, 1), (2, 2))).await?;
        Ok(())
    }).named("messages")
}),
("tune_centroid", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::tune_centroid(&det, "det", &motor, (0, 3), 0.5).num(2)).await?;
        Ok(())
    }).named("messages")
}),
("tweak", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.run(plans::tweak(&det, "det", &motor, 2)).await?;
        Ok(())
    }).named("messages")
}),
("x2x_scan", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    let motor1 = lab.device("motor1");
    plan(async move |p| {
        p.run(plans::x2x_scan(&det, &motor, &motor1, 0, 3, 2)).await?;
        Ok(())
    }).named("messages")
}),
("abs_set", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.abs_set(&det, 2).await?;
        Ok(())
    }).named("messages")
}),
("broadcast_msg", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.broadcast_msg("null", &[det.clone()], &[], &[]).await?;
        Ok(())
    }).named("messages")
}),
("caching_repeater", |_: &Harness| {
    plan(async move |p| {
        let inner = move || plan(async move |p| {
            p.null().await?;
            p.sleep(0.1).await?;
            Ok(())
        });
        p.caching_repeater(Some(3), inner()).await?;
        Ok(())
    }).named("messages")
}),
("checkpoint", |_: &Harness| {
    plan(async move |p| {
        p.checkpoint().await?;
        Ok(())
    }).named("messages")
}),
("clear_checkpoint", |_: &Harness| {
    plan(async move |p| {
        p.clear_checkpoint().await?;
        Ok(())
    }).named("messages")
}),
("close_run", |_: &Harness| {
    plan(async move |p| {
        p.close_run().await?;
        Ok(())
    }).named("messages")
}),
("collect", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.collect([&det, &det], None).await?;
        Ok(())
    }).named("messages")
}),
("collect_while_completing", |lab: &Harness| {
    let det = lab.device("det");
    let trivial_flyer = lab.device("trivial_flyer");
    plan(async move |p| {
        p.collect_while_completing(&trivial_flyer, &det, skyspan::plan::CollectWhile { ..Default::default() }).await?;
        Ok(())
    }).named("messages")
}),
("complete", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.complete_in(&det, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("complete_all", |lab: &Harness| {
    let trivial_flyer = lab.device("trivial_flyer");
    plan(async move |p| {
        p.complete_all(&trivial_flyer, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("configure", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.configure(&det, Map::new()).await?;
        Ok(())
    }).named("messages")
}),
("create", |_: &Harness| {
    plan(async move |p| {
        p.create("primary").await?;
        Ok(())
    }).named("messages")
}),
("declare_stream", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.declare_stream(&det, "primary").await?;
        Ok(())
    }).named("messages")
}),
("deferred_pause", |_: &Harness| {
    plan(async move |p| {
        p.deferred_pause().await?;
        Ok(())
    }).named("messages")
}),
("drop", |_: &Harness| {
    plan(async move |p| {
        p.drop().await?;
        Ok(())
    }).named("messages")
}),
("input_plan", |_: &Harness| {
    plan(async move |p| {
        p.input("").await?;
        Ok(())
    }).named("messages")
}),
("install_suspender", |lab: &Harness| {
    let bool_high = suspender(lab);
    plan(async move |p| {
        p.install_suspender(bool_high.clone()).await?;
        Ok(())
    }).named("messages")
}),
("kickoff", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.kickoff_in(&det, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("kickoff_all", |lab: &Harness| {
    let trivial_flyer = lab.device("trivial_flyer");
    plan(async move |p| {
        p.kickoff_all(&trivial_flyer).await?;
        Ok(())
    }).named("messages")
}),
("locate", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.locate(&det).await?;
        Ok(())
    }).named("messages")
}),
("monitor", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.msg(GenericMsg::new("monitor").about(&det).kwarg("name", Value::Null)).await?;
        Ok(())
    }).named("messages")
}),
("mov", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.mv(&motor, 2).await?;
        Ok(())
    }).named("messages")
}),
("move_per_step", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.move_per_step(&[(motor.clone(), 2.into())], &mut vec![(motor.clone(), Value::Null.into())]).await?;
        Ok(())
    }).named("messages")
}),
("movr", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.mvr(&motor, 2).await?;
        Ok(())
    }).named("messages")
}),
("mv", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.mv(&motor, 2).await?;
        Ok(())
    }).named("messages")
}),
("mvr", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.mvr(&motor, 2).await?;
        Ok(())
    }).named("messages")
}),
("null", |_: &Harness| {
    plan(async move |p| {
        p.null().await?;
        Ok(())
    }).named("messages")
}),
("one_1d_step", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.one_1d_step(&[det.clone()], &motor, 2).await?;
        Ok(())
    }).named("messages")
}),
("one_nd_step", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        p.one_nd_step(&[det.clone()], &[(motor.clone(), 2.into())], &mut vec![(motor.clone(), Value::Null.into())]).await?;
        Ok(())
    }).named("messages")
}),
("one_shot", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.one_shot(&[det.clone()]).await?;
        Ok(())
    }).named("messages")
}),
("open_run", |_: &Harness| {
    plan(async move |p| {
        p.open_run(Map::new()).await?;
        Ok(())
    }).named("messages")
}),
("pause", |_: &Harness| {
    plan(async move |p| {
        p.pause().await?;
        Ok(())
    }).named("messages")
}),
("prepare", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.prepare_in(&det, 2, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("rd", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.rd(&det).await?;
        Ok(())
    }).named("messages")
}),
("read", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.read(&det).await?;
        Ok(())
    }).named("messages")
}),
("rel_set", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        p.rel_set_and_wait(&motor, 2, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("remove_suspender", |lab: &Harness| {
    let bool_high = suspender(lab);
    plan(async move |p| {
        p.remove_suspender(bool_high.clone()).await?;
        Ok(())
    }).named("messages")
}),
("repeat", |_: &Harness| {
    plan(async move |p| {
        let inner = move || plan(async move |p| {
            p.null().await?;
            p.sleep(0.1).await?;
            Ok(())
        });
        p.repeat(Some(1), &Value::from(0.0), || async { p.run(inner()).await.map(drop) }).await?;
        Ok(())
    }).named("messages")
}),
("repeater", |_: &Harness| {
    plan(async move |p| {
        let inner = move || plan(async move |p| {
            p.null().await?;
            p.sleep(0.1).await?;
            Ok(())
        });
        p.repeater(Some(3), || async { p.run(inner()).await.map(drop) }).await?;
        Ok(())
    }).named("messages")
}),
("save", |_: &Harness| {
    plan(async move |p| {
        p.save().await?;
        Ok(())
    }).named("messages")
}),
("sleep", |_: &Harness| {
    plan(async move |p| {
        p.sleep(0.2).await?;
        Ok(())
    }).named("messages")
}),
("stage", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.stage(&det).await?;
        Ok(())
    }).named("messages")
}),
("stage_all", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.stage_all(&[det.clone()]).await?;
        Ok(())
    }).named("messages")
}),
("stop", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.stop(&det).await?;
        Ok(())
    }).named("messages")
}),
("subscribe", |_: &Harness| {
    let listener = Callback::new(&CallbackSpec::new("listener"));
    plan(async move |p| {
        listener.subscribe(&p, DocumentName::Event).await?;
        Ok(())
    }).named("messages")
}),
("trigger", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.trigger(&det, Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("trigger_and_read", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.trigger_and_read(&det, "primary").await?;
        Ok(())
    }).named("messages")
}),
("unmonitor", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.unmonitor(&det).await?;
        Ok(())
    }).named("messages")
}),
("unstage", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.unstage(&det).await?;
        Ok(())
    }).named("messages")
}),
("unstage_all", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        p.unstage_all(&[det.clone()]).await?;
        Ok(())
    }).named("messages")
}),
("unsubscribe", |_: &Harness| {
    let listener = Callback::new(&CallbackSpec::new("listener"));
    plan(async move |p| {
        p.msg(GenericMsg::new("unsubscribe").kwarg("token", listener.token())).await?;
        Ok(())
    }).named("messages")
}),
("wait", |_: &Harness| {
    plan(async move |p| {
        p.wait(Value::Null).await?;
        Ok(())
    }).named("messages")
}),
("wait_for", |_: &Harness| {
    plan(async move |p| {
        p.wait_for([skyspan::message::Awaitable::after(&p.env().clock, secs(0.2))]).await?;
        Ok(())
    }).named("messages")
}),
("run", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("stage", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("lazily_stage", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("baseline", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("monitor_during", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("fly_during", |lab: &Harness| {
    let motor = lab.device("motor");
    let trivial_flyer = lab.device("trivial_flyer");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("supplemental_data", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("relative_set", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("reset_positions", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("configure_count_time", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("rewindable", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("inject_md", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("set_run_key", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("stub", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("subs", |lab: &Harness| {
    let motor = lab.device("motor");
    let listener = Callback::new(&CallbackSpec::new("listener"));
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("suspend", |lab: &Harness| {
    let motor = lab.device("motor");
    let bool_high = suspender(lab);
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("finalize", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("contingency", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("print_summary", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("pchain", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("msg_mutator", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("plan_mutator", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
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
        Ok(())
    }).named("messages")
}),
("count, per_shot", |lab: &Harness| {
    let det = lab.device("det");
    plan(async move |p| {
        let inner = move || plan(async move |p| {
            p.sleep(0.5).await?;
            Ok(())
        });
        p.run(plans::count(&det, 2).per_shot(move |_| inner())).await?;
        Ok(())
    }).named("messages")
}),
("scan, per_step", |lab: &Harness| {
    let det = lab.device("det");
    let motor = lab.device("motor");
    plan(async move |p| {
        let inner = move || plan(async move |p| {
            p.sleep(0.5).await?;
            Ok(())
        });
        p.run(plans::scan(&det, &motor, 0, 1, 2).per_point(inner)).await?;
        Ok(())
    }).named("messages")
}),
("msg_mutator, replace", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        let inner = plan(async move |p| {
            p.sleep(1.0).await?;
            p.null().await?;
            p.checkpoint().await?;
            Ok(())
        });
        let replace_sleep = { let motor = motor.clone(); move || Msg::from(GenericMsg::new("set").about(&motor).arg(1)) };
        let replace_checkpoint = move || Msg::from(GenericMsg::new("sleep").arg(0.5));
        p.run(preprocessors::msg_mutator(inner, move |msg| match &*msg.command() { "sleep" => Some(replace_sleep()), "checkpoint" => Some(replace_checkpoint()), _ => Some(msg) })).await?;
        Ok(())
    }).named("messages")
}),
("msg_mutator, drop and replace", |lab: &Harness| {
    let motor = lab.device("motor");
    plan(async move |p| {
        let inner = plan(async move |p| {
            p.sleep(1.0).await?;
            p.null().await?;
            p.checkpoint().await?;
            Ok(())
        });
        let replace_sleep = { let motor = motor.clone(); move || Msg::from(GenericMsg::new("set").about(&motor).arg(1)) };
        let replace_checkpoint = move || Msg::from(GenericMsg::new("sleep").arg(0.5));
        p.run(preprocessors::msg_mutator(inner, move |msg| match &*msg.command() { "null" => None, "sleep" => Some(replace_sleep()), "checkpoint" => Some(replace_checkpoint()), _ => Some(msg) })).await?;
        Ok(())
    }).named("messages")
}),
]
