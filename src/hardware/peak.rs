//! [`PeakOptions`]: a peak along axes, and the detector that sees it.

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::components::{Components, Kind, SignalComponent};
use super::detector_device::DetectorDevice;
use super::drawn::Drawn;
use super::signal::Signal;
use super::syn_signal::SynSignal;
use crate::clock::Tracer;
use crate::clock::{Clock, Timestamp};
use crate::device::{CallEnvironment, Cx, Device, DeviceError, Interceptable, WeakDevice};
use crate::seed::Seed;
use crate::value::{Text, Value};

/// The noise of a detector.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Noise {
    /// The values are exact.
    #[default]
    None,
    /// Whole counts, drawn from a Poisson distribution around the signal.
    Poisson,
    /// Up to the noise multiplier more or less, evenly.
    Uniform,
}

impl Noise {
    /// Its name in ophyd.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Poisson => "poisson",
            Self::Uniform => "uniform",
        }
    }
}

/// What a detector of a peak is made with.
#[derive(Clone, Debug)]
pub(super) struct PeakOptions {
    /// The axes, each with the data key that says where it is.
    axes: Vec<(Device, Text)>,
    pub(super) center: Value,
    pub(super) imax: Value,
    pub(super) sigma: Value,
    pub(super) noise: Noise,
    pub(super) noise_multiplier: Value,
    /// Where the axes are when the detector is made; they are read where that is not known.
    pub(super) first_seen_at: Option<Vec<f64>>,
}

/// What the signal is computed from, at each trigger anew.
#[derive(Debug)]
struct Peak {
    axes: Vec<(Device, Text)>,
    imax: Arc<Interceptable<Signal>>,
    center: Arc<Interceptable<Signal>>,
    sigma: Arc<Interceptable<Signal>>,
    noise: Arc<Interceptable<Signal>>,
    noise_multiplier: Arc<Interceptable<Signal>>,
    drawn: Drawn,
}

impl Peak {
    fn compute(&self, cx: Cx<'_>) -> Result<Value, DeviceError> {
        let signal = self.signal(self.axes.iter().map(|(motor, field)| motor_reading(motor, field, cx)))?;
        Ok(match self.noise.get().as_str() {
            Some("poisson") => self.drawn.seed(cx).poisson(signal.round_ties_even()).into(),
            Some("uniform") => {
                let noise = (2.0 * self.drawn.seed(cx).uniform() - 1.0) * number(&self.noise_multiplier)?;
                (signal + noise).into()
            }
            _ => signal.into(),
        })
    }

    /// How high it is where the axes are at those positions.
    fn signal(&self, positions: impl Iterator<Item = Result<f64, DeviceError>>) -> Result<f64, DeviceError> {
        let mut square = 0.0;
        for (nth, position) in positions.enumerate() {
            let offset = position? - self.center_along(nth)?;
            square += offset * offset;
        }
        let sigma = number(&self.sigma)?;
        Ok(number(&self.imax)? * libm::exp(-square / (2.0 * sigma * sigma)))
    }

    /// How high it is where the axes are now, before there is an engine that calls them.
    fn signal_before_any_call(&self) -> Result<f64, DeviceError> {
        let (clock, seed) = (Clock::simulated_from(Timestamp::EPOCH), Seed::new(0));
        let shared = Arc::new(CallEnvironment { clock, tracer: Tracer::off(), seed });
        let none = opentelemetry::Context::new();
        let reading = |(motor, field): &(Device, Text)| motor_reading(motor, field, Cx::new(&shared, motor, &none));
        self.signal(self.axes.iter().map(reading))
    }

    /// Where the peak is along the nth axis; one number is for all axes.
    fn center_along(&self, nth: usize) -> Result<f64, DeviceError> {
        let center = self.center.get();
        let Some(each) = center.as_array().filter(|_| self.axes.len() > 1) else { return number(&self.center) };
        if each.len() != self.axes.len() {
            let message = format!("operands could not be broadcast together with shapes (2,) ({},)", each.len());
            return Err(DeviceError::value(message));
        }
        let found = each.get(nth).and_then(Value::as_f64);
        found.ok_or_else(|| DeviceError::type_error(format!("{} holds no numbers: {center}", self.center.name)))
    }
}

fn number(signal: &Signal) -> Result<f64, DeviceError> {
    let value = signal.get();
    value.as_f64().ok_or_else(|| DeviceError::type_error(format!("{} is no number: {value}", signal.name)))
}

fn motor_reading(motor: &Device, field: &Text, cx: Cx<'_>) -> Result<f64, DeviceError> {
    let readable = motor.readable().map_err(|error| DeviceError::type_error(error.to_string()))?;
    let mut reading = readable.read(cx.of(motor));
    let Poll::Ready(readings) = std::pin::pin!(&mut reading).poll(&mut Context::from_waker(Waker::noop())) else {
        return Err(DeviceError::type_error(format!("{} cannot be read at once", motor.name())));
    };
    let readings = readings?;
    let reading = readings.get(field).ok_or_else(|| DeviceError::other("KeyError", format!("'{field}'")))?;
    let number = reading.value.as_f64();
    number.ok_or_else(|| DeviceError::type_error(format!("{field} is no number: {}", reading.value)))
}

impl PeakOptions {
    /// A peak of height 1 and width 1.
    pub(super) fn along(axes: Vec<(Device, Text)>, center: Value) -> Self {
        Self {
            axes,
            center,
            imax: 1.into(),
            sigma: 1.into(),
            noise: Noise::None,
            noise_multiplier: 1.into(),
            first_seen_at: None,
        }
    }

    /// The detector that sees the peak; it tells of changes of its signal if that is wanted.
    #[expect(clippy::expect_used, reason = "the choices contain every noise there is")]
    pub(super) fn into_detector(
        self,
        class_name: &'static str,
        detector: Text,
        labels: Vec<Text>,
        parent: Option<WeakDevice>,
        tells: bool,
    ) -> Device {
        let name = |attribute: &str| Text::from(format!("{detector}_{attribute}"));
        let config = |attribute: &str, value: &Value| {
            Arc::new(Interceptable::new(Signal::new(name(attribute), value.clone()).kind(Kind::Config)))
        };
        let choices = [Noise::None, Noise::Poisson, Noise::Uniform].map(|noise| Text::literal(noise.as_str()));
        let noise = Signal::with_choices(name("noise"), self.noise.as_str(), choices).expect("a choice");
        let peak = Arc::new(Peak {
            imax: config("Imax", &self.imax),
            center: config("center", &self.center),
            sigma: config("sigma", &self.sigma),
            noise: Arc::new(Interceptable::new(noise.kind(Kind::Config))),
            noise_multiplier: config("noise_multiplier", &self.noise_multiplier),
            axes: self.axes,
            drawn: Drawn::of(format!("noise of {detector}")),
        });
        let val = Arc::new(Interceptable::new(SynSignal::new(detector.clone()).kind(Kind::Hinted)));
        let computed = Arc::clone(&peak);
        val.set_func(Arc::new(move |cx| computed.compute(cx)));
        let components = Components::new(class_name, detector)
            .of_parent(parent)
            .labelled(labels)
            .with("val", Arc::clone(&val))
            .with("Imax", Arc::clone(&peak.imax))
            .with("center", Arc::clone(&peak.center))
            .with("sigma", Arc::clone(&peak.sigma))
            .with("noise", Arc::clone(&peak.noise))
            .with("noise_multiplier", Arc::clone(&peak.noise_multiplier));
        for signal in [&peak.imax, &peak.center, &peak.sigma, &peak.noise, &peak.noise_multiplier] {
            // ophyd sets them when the detector is made.
            signal.subscribers.changed();
        }
        // ophyd triggers it when it is made, so that it has a value from the beginning. An axis that cannot be read yet leaves that at 0.
        // No noise is drawn for it.
        let first = match self.first_seen_at {
            Some(positions) => peak.signal(positions.into_iter().map(Ok)),
            None => peak.signal_before_any_call(),
        };
        if let Ok(first) = first {
            let _ = val.signal().put(first, Timestamp::EPOCH);
        }
        let val = Device::of(val);
        let detector = DetectorDevice::new(components).triggers(val.clone());
        (if tells { detector.tells_of(val) } else { detector }).into_device()
    }
}
