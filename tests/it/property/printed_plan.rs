{
let lab = Harness::seeded(7);
lab.add(skyspan::hardware::FrameFlyer::nested("frames").num(2));
lab.add(SynAxis::new("motor").delay_s(0.5));
lab.device("motor1").fault(Fault::on_set(1).fails_after(secs(0.1), "injected fault"));
lab.at_message(6).later(secs(0.05)).pause();
lab.on_pause([Decision::resume().after(secs(1.0))]);
let det = lab.device("det");
let det1 = lab.device("det1");
let det2 = lab.device("det2");
let frames = lab.device("frames");
let motor = lab.device("motor");
let motor1 = lab.device("motor1");
let run = lab.run(plan(async move |p| {
    let inner = {
        let det = det.clone();
        let det2 = det2.clone();
        let frames = frames.clone();
        let motor = motor.clone();
        let motor1 = motor1.clone();
        plan(async move |p| {
            let inner = {
                let det = det.clone();
                let det2 = det2.clone();
                let frames = frames.clone();
                let motor = motor.clone();
                let motor1 = motor1.clone();
                plan(async move |p| {
                    p.trace("outer", async |p| {
                        p.checkpoint().await?;
                        p.abs_set_in(&motor, 3, "g").await?;
                        p.msg(GenericMsg::new("wait").kwarg("group", "g").kwarg("error_on_timeout", false).kwarg("timeout", 0.2)).await?;
                        p.wait("g").await?;
                        p.monitor(&det2, "det2_seen").await?;
                        p.create("primary").await?;
                        p.read(&det).await?;
                        p.save().await?;
                        p.msg(GenericMsg::new("open_run").kwarg("purpose", "a").in_run("a")).await?;
                        p.msg(GenericMsg::new("close_run").kwarg("exit_status", "fail").kwarg("reason", "no light").in_run("a")).await?;
                        p.kickoff_in(&frames, "h").await?;
                        Ok(())
                    }).await?;
                    let inner = {
                        let motor1 = motor1.clone();
                        plan(async move |p| {
                            let inner = {
                                let motor1 = motor1.clone();
                                plan(async move |p| {
                                    p.mvr(&motor1, 2).await?;
                                    Ok(())
                                })
                            };
                            p.run(preprocessors::contingency_wrapper(inner).except(|_| plan(async |_| Ok(()))).auto_raise(false)).await?;
                            Ok(())
                        })
                    };
                    let end = plan(async move |p| {
                        p.sleep(0.1).await?;
                        Ok(())
                    });
                    p.run(preprocessors::finalize_wrapper(inner, end)).await?;
                    p.unmonitor(&det2).await?;
                    p.complete_in(&frames, "g").await?;
                    p.wait("g").await?;
                    p.wait("h").await?;
                    p.msg(GenericMsg::new("collect").about(&frames)).await?;
                    Ok(())
                })
            };
            p.run(preprocessors::run_wrapper(inner, Map::new())).await?;
            Ok(())
        })
    };
    p.run(preprocessors::stage_wrapper(inner, [det.clone(), det1.clone()])).await?;
    for _ in 0..2 {
        p.run(plans::scan(&det, &motor, 0, 2, 2)).await?;
    }
    Ok(())
}).named("messages"));
(lab, run)
}
