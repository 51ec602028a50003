//! What is around an experiment, and takes its time: [`SimShutter`], [`SimTemperatureController`], [`SimBeam`].

mod approach;
mod oven;
mod sim_beam;
mod sim_shutter;
mod sim_temperature_controller;

pub use sim_beam::SimBeam;
pub use sim_shutter::SimShutter;
pub use sim_temperature_controller::SimTemperatureController;
