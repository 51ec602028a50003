compiled! { |p|
"abs_set" [det] {
    p.abs_set(&det, 2).await?;
}
"broadcast_msg" [det] {
    p.broadcast_msg("null", &[det.clone()], &[], &[]).await?;
}
"caching_repeater" [] {
    let inner = move || plan(async move |p| {
        p.null().await?;
        p.sleep(0.1).await?;
        Ok(())
    });
    p.caching_repeater(Some(3), inner()).await?;
}
"checkpoint" [] {
    p.checkpoint().await?;
}
"clear_checkpoint" [] {
    p.clear_checkpoint().await?;
}
"close_run" [] {
    p.close_run().await?;
}
"collect" [det] {
    p.collect([&det, &det], None).await?;
}
"collect_while_completing" [det trivial_flyer] {
    p.collect_while_completing(&trivial_flyer, &det, skyspan::plan::CollectWhile { ..Default::default() }).await?;
}
"complete" [det] {
    p.complete_in(&det, Value::Null).await?;
}
"complete_all" [trivial_flyer] {
    p.complete_all(&trivial_flyer, Value::Null).await?;
}
"configure" [det] {
    p.configure(&det, Map::new()).await?;
}
"create" [] {
    p.create("primary").await?;
}
"declare_stream" [det] {
    p.declare_stream(&det, "primary").await?;
}
"deferred_pause" [] {
    p.deferred_pause().await?;
}
"drop" [] {
    p.drop().await?;
}
"input_plan" [] {
    p.input("").await?;
}
"install_suspender" [bool_high] {
    p.install_suspender(bool_high.clone()).await?;
}
"kickoff" [det] {
    p.kickoff_in(&det, Value::Null).await?;
}
"kickoff_all" [trivial_flyer] {
    p.kickoff_all(&trivial_flyer).await?;
}
"locate" [det] {
    p.locate(&det).await?;
}
"monitor" [det] {
    p.msg(GenericMsg::new("monitor").about(&det).kwarg("name", Value::Null)).await?;
}
"mov" [motor] {
    p.mv(&motor, 2).await?;
}
"move_per_step" [motor] {
    p.move_per_step(&[(motor.clone(), 2.into())], &mut vec![(motor.clone(), Value::Null.into())]).await?;
}
"movr" [motor] {
    p.mvr(&motor, 2).await?;
}
"mv" [motor] {
    p.mv(&motor, 2).await?;
}
"mvr" [motor] {
    p.mvr(&motor, 2).await?;
}
"null" [] {
    p.null().await?;
}
"one_1d_step" [det motor] {
    p.one_1d_step(&[det.clone()], &motor, 2).await?;
}
"one_nd_step" [det motor] {
    p.one_nd_step(&[det.clone()], &[(motor.clone(), 2.into())], &mut vec![(motor.clone(), Value::Null.into())]).await?;
}
"one_shot" [det] {
    p.one_shot(&[det.clone()]).await?;
}
"open_run" [] {
    p.open_run(Map::new()).await?;
}
"pause" [] {
    p.pause().await?;
}
"prepare" [det] {
    p.prepare_in(&det, 2, Value::Null).await?;
}
"rd" [det] {
    p.rd(&det).await?;
}
"read" [det] {
    p.read(&det).await?;
}
"rel_set" [motor] {
    p.rel_set_and_wait(&motor, 2, Value::Null).await?;
}
"remove_suspender" [bool_high] {
    p.remove_suspender(bool_high.clone()).await?;
}
"repeat" [] {
    let inner = move || plan(async move |p| {
        p.null().await?;
        p.sleep(0.1).await?;
        Ok(())
    });
    p.repeat(Some(1), &Value::from(0.0), || async { p.run(inner()).await.map(drop) }).await?;
}
"repeater" [] {
    let inner = move || plan(async move |p| {
        p.null().await?;
        p.sleep(0.1).await?;
        Ok(())
    });
    p.repeater(Some(3), || async { p.run(inner()).await.map(drop) }).await?;
}
"save" [] {
    p.save().await?;
}
"sleep" [] {
    p.sleep(0.2).await?;
}
"stage" [det] {
    p.stage(&det).await?;
}
"stage_all" [det] {
    p.stage_all(&[det.clone()]).await?;
}
"stop" [det] {
    p.stop(&det).await?;
}
"subscribe" [listener] {
    listener.subscribe(&p, DocumentName::Event).await?;
}
"trigger" [det] {
    p.trigger(&det, Value::Null).await?;
}
"trigger_and_read" [det] {
    p.trigger_and_read(&det, "primary").await?;
}
"unmonitor" [det] {
    p.unmonitor(&det).await?;
}
"unstage" [det] {
    p.unstage(&det).await?;
}
"unstage_all" [det] {
    p.unstage_all(&[det.clone()]).await?;
}
"unsubscribe" [listener] {
    p.msg(GenericMsg::new("unsubscribe").kwarg("token", listener.token())).await?;
}
"wait" [] {
    p.wait(Value::Null).await?;
}
"wait_for" [] {
    p.wait_for([skyspan::message::Awaitable::after(&p.env().clock, secs(0.2))]).await?;
}
}
