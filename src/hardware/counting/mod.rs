//! [`SimDetector`] and [`SimCamera`]: detectors that expose, and what they see.

mod exposure;
mod light;
mod sim_camera;
mod sim_camera_device;
mod sim_detector;

pub use light::gaussian_peak;
pub use sim_camera::SimCamera;
pub use sim_detector::SimDetector;
