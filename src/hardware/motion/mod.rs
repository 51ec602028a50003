//! [`SimMotor`]: a motor whose position is known at any time.

mod carriage;
mod encoder;
mod fly;
mod leg;
mod motor_device;
mod sim_motor;

pub use fly::FlyMotorInfo;
pub use sim_motor::SimMotor;
