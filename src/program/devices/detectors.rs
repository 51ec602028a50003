//! Detectors, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{ABDetector, DetWithConf, DetWithCountTime, DirectImage, Noise, Syn2DGauss, SynGauss};
use crate::program::options::Options;
use crate::value::yaml::YamlError;
use crate::value::{Text, Value};

pub(super) fn syn_gauss(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let motor = options.scope.device(options.required("motor")?)?;
    let motor_field = options.required("motor_field")?.expect_str("the data key of the motor")?;
    let mut gauss = SynGauss::new(name, motor, motor_field)
        .center(options.number(options.required("center")?)?)
        .imax(options.number(options.required("Imax")?)?)
        .labels(options.labels()?);
    if let Some(node) = options.get("sigma") {
        gauss = gauss.sigma(options.number(node)?);
    }
    if let Some(noise) = noise(options)? {
        gauss = gauss.noise(noise);
    }
    if let Some(node) = options.get("noise_multiplier") {
        gauss = gauss.noise_multiplier(options.number(node)?);
    }
    Ok(gauss.into())
}

pub(super) fn syn_2d_gauss(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let motor = |key| options.scope.device(options.required(key)?);
    let field = |key| options.required(key)?.expect_str("the data key of the motor");
    let mut gauss =
        Syn2DGauss::new(name, motor("motor0")?, field("motor_field0")?, motor("motor1")?, field("motor_field1")?)
            .center(center(options)?)
            .imax(options.number(options.required("Imax")?)?)
            .labels(options.labels()?);
    if let Some(node) = options.get("sigma") {
        gauss = gauss.sigma(options.number(node)?);
    }
    if let Some(noise) = noise(options)? {
        gauss = gauss.noise(noise);
    }
    if let Some(node) = options.get("noise_multiplier") {
        gauss = gauss.noise_multiplier(options.number(node)?);
    }
    Ok(gauss.into())
}

/// Where a peak above a plane is: two numbers, or one for both axes.
fn center(options: &Options<'_>) -> Result<Value, YamlError> {
    let node = options.required("center")?;
    if node.to_value()?.as_f64().is_some() {
        return options.number(node);
    }
    match node.expect_list("two numbers")? {
        [x, y] => Ok([options.number(x)?, options.number(y)?].into()),
        _ => Err(node.unexpected("two numbers")),
    }
}

/// The noise, if it says one.
fn noise(options: &Options<'_>) -> Result<Option<Noise>, YamlError> {
    let Some(node) = options.get("noise").filter(|node| !node.is_null()) else { return Ok(None) };
    let noise = [Noise::None, Noise::Poisson, Noise::Uniform];
    let found = noise.into_iter().find(|noise| node.as_str() == Some(noise.as_str()));
    found.map(Some).ok_or_else(|| node.unexpected("`none`, `poisson` or `uniform`"))
}

pub(super) fn ab_detector(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(ABDetector::new(name).labels(options.labels()?).into())
}

pub(super) fn det_with_conf(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(DetWithConf::new(name).labels(options.labels()?).into())
}

pub(super) fn det_with_count_time(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    Ok(DetWithCountTime::new(name).labels(options.labels()?).into())
}

pub(super) fn direct_image(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut image = DirectImage::new(name).labels(options.labels()?);
    if let Some(img_name) = options.text("img_name", "a data key")? {
        image = image.img_name(img_name);
    }
    Ok(image.into())
}
