{
let lab = Harness::new();
lab.at_message(1).call(skyspan::property::again::put(&lab, "bool_sig", true));
lab.at_message(1).later(secs(0.1)).call(skyspan::property::again::put(&lab, "bool_sig", false));
let bool_high = skyspan::message::Object::from(&skyspan::engine::Suspender::bool_high(&lab.device("bool_sig")).build().unwrap()).named("bool_high");
let run = lab.run(plan(async move |p| {
    p.install_suspender(bool_high.clone()).await?;
    p.sleep(0.0).await?;
    p.remove_suspender(bool_high.clone()).await?;
    Ok(())
}).named("messages"));
(lab, run)
}
