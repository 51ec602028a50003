//! [`Encoder`]: what is read of a position.

use std::sync::OnceLock;

use crate::seed::Seed;
use crate::value::Text;

/// What is read of a position: with noise, to a resolution.
#[derive(Debug)]
pub(super) struct Encoder {
    /// Up to how much more or less it reads, evenly.
    noise: f64,
    /// What all that it reads is a multiple of; nothing if it reads every position as it is.
    resolution: Option<f64>,
    stream: Text,
    drawn: OnceLock<Seed>,
}

impl Encoder {
    pub(super) fn new(name: &str, noise: f64, resolution: Option<f64>) -> Self {
        let stream = format!("noise of {name}").into();
        Self { noise, resolution: resolution.filter(|step| *step > 0.0), stream, drawn: OnceLock::new() }
    }

    /// Noise comes from the seed of the engine that moves the motor first; until then there is none.
    pub(super) fn noise_from(&self, seed: &Seed) {
        if self.noise > 0.0 {
            let _ = self.drawn.get_or_init(|| seed.stream(&self.stream));
        }
    }

    pub(super) fn reads(&self, position: f64) -> f64 {
        let noisy = match self.drawn.get() {
            Some(seed) => position + (2.0 * seed.uniform() - 1.0) * self.noise,
            None => position,
        };
        match self.resolution {
            Some(resolution) => libm::rint(noisy / resolution) * resolution,
            None => noisy,
        }
    }
}
