//! [`SynGauss`]: a detector that sees a peak along an axis.

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::components::{Components, Kind, device_of_components, protocols_of_components};
use super::signal::Signal;
use super::syn_signal::SynSignal;
use crate::clock::{Clock, Timestamp};
use crate::device::{
    Circumstances, Cx, Device, DeviceError, Mounted, OphydObject, Status, Subscribable, Triggerable, WeakDevice,
};
use crate::seed::Seed;
use crate::trace::Tracer;
use crate::value::{Text, Value};

/// The noise of a detector.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Noise {
    /// None.
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

/// A detector that sees a Gaussian peak along an axis: `ophyd.sim.SynGauss`.
///
/// This is the detector to be: `Device::from` makes the device. Its noise comes from the seed of the one who triggers
/// it, in a stream that belongs to its name.
#[derive(Clone, Debug)]
pub struct SynGauss {
    name: Text,
    motor: Device,
    motor_field: Text,
    center: Value,
    imax: Value,
    sigma: Value,
    noise: Noise,
    noise_multiplier: Value,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SynGauss {
    /// A detector that sees a peak of height 1 and width 1 at 0, as read from the field of that name of `motor`.
    #[must_use]
    pub fn new(name: impl Into<Text>, motor: impl Into<Device>, motor_field: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            motor: motor.into(),
            motor_field: motor_field.into(),
            center: 0.into(),
            imax: 1.into(),
            sigma: 1.into(),
            noise: Noise::None,
            noise_multiplier: 1.into(),
            labels: Vec::new(),
            parent: None,
        }
    }

    /// Where the peak is, in the unit of the axis; at 0 unless one says otherwise.
    #[must_use]
    pub fn center(mut self, center: impl Into<Value>) -> Self {
        self.center = center.into();
        self
    }

    /// How high the peak is (ophyd's `Imax`); 1 unless one says otherwise.
    #[must_use]
    pub fn imax(mut self, imax: impl Into<Value>) -> Self {
        self.imax = imax.into();
        self
    }

    /// How wide the peak is: its standard deviation, in the unit of the axis; 1 unless one says otherwise.
    #[must_use]
    pub fn sigma(mut self, sigma: impl Into<Value>) -> Self {
        self.sigma = sigma.into();
        self
    }

    /// What noise there is; none unless one says otherwise.
    #[must_use]
    pub const fn noise(mut self, noise: Noise) -> Self {
        self.noise = noise;
        self
    }

    /// How far uniform noise goes to either side of the signal; 1 unless one says otherwise.
    #[must_use]
    pub fn noise_multiplier(mut self, noise_multiplier: impl Into<Value>) -> Self {
        self.noise_multiplier = noise_multiplier.into();
        self
    }

    /// The device that it is a component of. It is staged and unstaged in its place.
    #[must_use]
    pub fn parent(mut self, parent: &Device) -> Self {
        self.parent = Some(parent.downgrade());
        self
    }

    /// Labels by which people find it.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }
}

/// What the signal is computed from, at each trigger anew.
#[derive(Debug)]
struct Peak {
    motor: Device,
    motor_field: Text,
    imax: Arc<Mounted<Signal>>,
    center: Arc<Mounted<Signal>>,
    sigma: Arc<Mounted<Signal>>,
    noise: Arc<Mounted<Signal>>,
    noise_multiplier: Arc<Mounted<Signal>>,
    stream: Text,
    drawn: std::sync::OnceLock<(u64, Seed)>,
}

impl Peak {
    fn compute(&self, cx: Cx<'_>) -> Result<Value, DeviceError> {
        let number = |signal: &Signal| {
            let value = signal.get();
            value.as_f64().ok_or_else(|| DeviceError::type_error(format!("{} is no number: {value}", signal.name())))
        };
        let offset = self.motor_reading(cx)? - number(&self.center)?;
        let sigma = number(&self.sigma)?;
        let signal = number(&self.imax)? * libm::exp(-(offset * offset) / (2.0 * sigma * sigma));
        Ok(match self.noise.get().as_str() {
            Some("poisson") => self.seed(cx).poisson(signal.round_ties_even()).into(),
            Some("uniform") => {
                let noise = (2.0 * self.seed(cx).uniform() - 1.0) * number(&self.noise_multiplier)?;
                (signal + noise).into()
            }
            _ => signal.into(),
        })
    }

    /// The stream of the seed from which this detector draws.
    fn seed(&self, cx: Cx<'_>) -> Seed {
        let (of, seed) = self.drawn.get_or_init(|| (cx.seed().number(), cx.seed().stream(&self.stream)));
        if *of == cx.seed().number() { seed.clone() } else { cx.seed().stream(&self.stream) }
    }

    fn motor_reading(&self, cx: Cx<'_>) -> Result<f64, DeviceError> {
        let readable = self.motor.readable().map_err(|error| DeviceError::type_error(error.to_string()))?;
        let mut reading = readable.read(cx.of(&self.motor));
        let Poll::Ready(readings) = std::pin::pin!(&mut reading).poll(&mut Context::from_waker(Waker::noop())) else {
            return Err(DeviceError::type_error(format!("{} cannot be read at once", self.motor.name())));
        };
        let readings = readings?;
        let field = readings
            .get(&self.motor_field)
            .ok_or_else(|| DeviceError::other("KeyError", format!("'{}'", self.motor_field)))?;
        let number = field.value.as_f64();
        number.ok_or_else(|| DeviceError::type_error(format!("{} is no number: {}", self.motor_field, field.value)))
    }
}

impl From<SynGauss> for Device {
    #[expect(clippy::expect_used, reason = "the choices contain every noise there is")]
    fn from(gauss: SynGauss) -> Self {
        let name = |attribute: &str| Text::from(format!("{}_{attribute}", gauss.name));
        let config = |attribute: &str, value: &Value| {
            Arc::new(Mounted::new(Signal::new(name(attribute), value.clone()).kind(Kind::Config)))
        };
        let choices = [Noise::None, Noise::Poisson, Noise::Uniform].map(|noise| Text::literal(noise.as_str()));
        let noise = Signal::with_choices(name("noise"), gauss.noise.as_str(), choices).expect("a choice");
        let peak = Arc::new(Peak {
            imax: config("Imax", &gauss.imax),
            center: config("center", &gauss.center),
            sigma: config("sigma", &gauss.sigma),
            noise: Arc::new(Mounted::new(noise.kind(Kind::Config))),
            noise_multiplier: config("noise_multiplier", &gauss.noise_multiplier),
            motor: gauss.motor,
            motor_field: gauss.motor_field,
            stream: format!("noise of {}", gauss.name).into(),
            drawn: std::sync::OnceLock::new(),
        });
        let val = Arc::new(Mounted::new(SynSignal::new(gauss.name.clone()).kind(Kind::Hinted)));
        let computed = Arc::clone(&peak);
        val.set_func(Arc::new(move |cx| computed.compute(cx)));
        let components = Components::new("SynGauss", gauss.name)
            .of_parent(gauss.parent)
            .labelled(gauss.labels)
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
        let val = Self::of(val);
        first_reading(&val, &peak);
        Self::new_cyclic(|device| {
            components.adopt(device);
            GaussDevice { components, val }
        })
    }
}

/// ophyd triggers the detector when it is made, so that it has a value from the beginning.
fn first_reading(val: &Device, peak: &Peak) {
    let seed = Seed::new(0);
    let shared =
        Arc::new(Circumstances { clock: Clock::simulated_from(Timestamp::EPOCH), tracer: Tracer::off(), seed });
    let none = opentelemetry::Context::new();
    let cx = Cx::new(&shared, val, &none);
    // An axis that cannot be read yet leaves the value at 0.
    if let (Ok(value), Some(signal)) = (peak.without_noise(cx), val.downcast_ref::<SynSignal>()) {
        let _ = super::components::SignalComponent::signal(signal).put(value, Timestamp::EPOCH);
    }
}

impl Peak {
    /// The value before anything was drawn, so that making a detector does not draw.
    fn without_noise(&self, cx: Cx<'_>) -> Result<Value, DeviceError> {
        let noise = self.noise.get();
        self.noise.put("none", Timestamp::EPOCH)?;
        let value = self.compute(cx);
        self.noise.put(noise, Timestamp::EPOCH)?;
        value
    }
}

/// The device.
#[derive(Debug)]
struct GaussDevice {
    components: Components,
    val: Device,
}

device_of_components!(GaussDevice);

impl OphydObject for GaussDevice {
    protocols_of_components!();

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    /// Those who subscribe to the detector subscribe to its signal.
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.val.object().as_subscribable()
    }
}

/// Triggers its signal, whose status it is.
impl Triggerable for GaussDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let triggerable = self.val.triggerable().map_err(|error| DeviceError::type_error(error.to_string()))?;
        triggerable.trigger(cx.handed_on(&self.val))
    }
}
