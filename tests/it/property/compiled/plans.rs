compiled! { |p|
"adaptive_scan" [det motor] {
    p.run(plans::adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
}
"count" [det] {
    p.run(plans::count(&det, 1)).await?;
}
"fly" [trivial_flyer] {
    p.run(plans::fly(&trivial_flyer)).await?;
}
"grid_scan" [det motor motor1] {
    p.run(plans::grid_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
}
"inner_product_scan" [det motor] {
    p.run(plans::inner_product_scan(&det, 2, &motor, 0, 2)).await?;
}
"list_grid_scan" [det motor] {
    p.run(plans::list_grid_scan(&det, &motor, [0, 2])).await?;
}
"list_scan" [det motor] {
    p.run(plans::list_scan(&det, &motor, [0, 2])).await?;
}
"log_scan" [det motor] {
    p.run(plans::log_scan(&det, &motor, 0, 3, 2)).await?;
}
"outer_product_scan" [det motor motor1] {
    p.run(plans::outer_product_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
}
"ramp_plan" [det motor] {
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
}
"rel_adaptive_scan" [det motor] {
    p.run(plans::rel_adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
}
"rel_grid_scan" [det motor motor1] {
    p.run(plans::rel_grid_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
}
"rel_list_grid_scan" [det motor] {
    p.run(plans::rel_list_grid_scan(&det, &motor, [0, 2])).await?;
}
"rel_list_scan" [det motor] {
    p.run(plans::rel_list_scan(&det, &motor, [0, 2])).await?;
}
"rel_log_scan" [det motor] {
    p.run(plans::rel_log_scan(&det, &motor, 0, 3, 2)).await?;
}
"rel_scan" [det motor] {
    p.run(plans::rel_scan(&det, &motor, 0, 2, 3)).await?;
}
"rel_spiral" [det motor motor1] {
    p.run(plans::rel_spiral(&det, (&motor, &motor1), (1, 1), 0.5, 2)).await?;
}
"rel_spiral_fermat" [det motor motor1] {
    p.run(plans::rel_spiral_fermat(&det, (&motor, &motor1), (1, 1), 0.5, 1)).await?;
}
"rel_spiral_square" [det motor motor1] {
    p.run(plans::rel_spiral_square(&det, (&motor, &motor1), (1, 1), (2, 2))).await?;
}
"relative_adaptive_scan" [det motor] {
    p.run(plans::relative_adaptive_scan(&det, "det", &motor, (0, 3), (0.5, 1), 0.5).backstep(false)).await?;
}
"relative_inner_product_scan" [det motor] {
    p.run(plans::relative_inner_product_scan(&det, 2, &motor, 0, 2)).await?;
}
"relative_list_scan" [det motor] {
    p.run(plans::relative_list_scan(&det, &motor, [0, 2])).await?;
}
"relative_log_scan" [det motor] {
    p.run(plans::relative_log_scan(&det, &motor, 0, 3, 2)).await?;
}
"relative_outer_product_scan" [det motor motor1] {
    p.run(plans::relative_outer_product_scan(&det, &motor, 0, 2, 2).with(&motor1, 0, 1, 2)).await?;
}
"relative_scan" [det motor] {
    p.run(plans::relative_scan(&det, &motor, 0, 2, 3)).await?;
}
"relative_spiral" [det motor motor1] {
    p.run(plans::relative_spiral(&det, (&motor, &motor1), (1, 1), 0.5, 2)).await?;
}
"relative_spiral_fermat" [det motor motor1] {
    p.run(plans::relative_spiral_fermat(&det, (&motor, &motor1), (1, 1), 0.5, 1)).await?;
}
"scan" [det motor] {
    p.run(plans::scan(&det, &motor, 0, 2, 3)).await?;
}
"scan_nd" [det motor] {
    p.run(plans::scan_nd(&det, skyspan::plan::patterns::cycler(&motor, [0, 2]))).await?;
}
"spiral" [det motor motor1] {
    p.run(plans::spiral(&det, (&motor, &motor1), (0, 0), (1, 1), 0.5, 2)).await?;
}
"spiral_fermat" [det motor motor1] {
    p.run(plans::spiral_fermat(&det, (&motor, &motor1), (0, 0), (1, 1), 0.5, 1)).await?;
}
"spiral_square" [det motor motor1] {
    p.run(plans::spiral_square(&det, (&motor, &motor1), (0, 0), (1, 1), (2, 2))).await?;
}
"tune_centroid" [det motor] {
    p.run(plans::tune_centroid(&det, "det", &motor, (0, 3), 0.5).num(2)).await?;
}
"tweak" [det motor] {
    p.run(plans::tweak(&det, "det", &motor, 2)).await?;
}
"x2x_scan" [det motor motor1] {
    p.run(plans::x2x_scan(&det, &motor, &motor1, 0, 3, 2)).await?;
}
}
