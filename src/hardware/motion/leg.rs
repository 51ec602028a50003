//! [`Leg`]: one way of something that speeds up, goes on evenly and slows down; [`Path`]: one after another.

use std::time::Duration;

use crate::clock::Timestamp;

/// How fast something moves, and how fast it gets there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    /// The velocity in units per second, greater than zero; infinite for what moves in no time.
    pub(super) velocity: f64,
    /// How long it takes from rest to that velocity, and back; not negative.
    pub(super) acceleration_time_s: f64,
}

impl Pace {
    /// The acceleration in units per second squared; infinite where it takes no time.
    fn acceleration(self) -> f64 {
        self.velocity / self.acceleration_time_s
    }

    /// How far it goes until it has its velocity, which is also how far it goes until it stands still again.
    pub(super) fn ramp(self) -> f64 {
        self.velocity * self.acceleration_time_s / 2.0
    }
}

/// One way that ends at rest: it speeds up evenly, goes on at one velocity, and slows down as it has sped up.
///
/// All positions between two times are known: nothing is added up in steps. Its end is so many nanoseconds after its
/// beginning as its time in seconds has, rounded to the nearest; from then on the position is exactly where it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    from: f64,
    pub(super) to: f64,
    /// The highest speed that it comes to, whatever its direction.
    peak: f64,
    acceleration: f64,
    /// Until when it speeds up.
    fast_s: f64,
    /// From when on it slows down.
    slowing_s: f64,
    /// When it stands still.
    end_s: f64,
    pub(super) took: Duration,
}

impl Leg {
    /// From rest to rest. Where the way is too short for the whole velocity, it slows down as soon as it has come half the
    /// way.
    pub(super) fn from_rest(from: f64, to: f64, pace: Pace) -> Self {
        let Pace { velocity, acceleration_time_s } = pace;
        let distance = (to - from).abs();
        let (peak, fast_s, end_s) = if distance == 0.0 || velocity == f64::INFINITY {
            (0.0, 0.0, 0.0)
        } else if 2.0 * pace.ramp() <= distance {
            (velocity, acceleration_time_s, distance / velocity + acceleration_time_s)
        } else {
            let half_s = libm::sqrt(distance * acceleration_time_s / velocity);
            (distance / half_s, half_s, 2.0 * half_s)
        };
        Self::new(from, to, peak, pace.acceleration(), [fast_s, end_s - fast_s, end_s])
    }

    /// Standing still for so long; told to stop, it does at once.
    pub(super) fn standing(at: f64, time_s: f64) -> Self {
        Self::new(at, at, 0.0, f64::INFINITY, [0.0, time_s, time_s])
    }

    /// From a velocity, whose sign is its direction, to rest.
    pub(super) fn braking(from: f64, velocity: f64, acceleration: f64) -> Self {
        let end_s = velocity.abs() / acceleration;
        let to = from + velocity * end_s / 2.0;
        Self::new(from, to, velocity.abs(), acceleration, [0.0, 0.0, end_s])
    }

    fn new(from: f64, to: f64, peak: f64, acceleration: f64, [fast_s, slowing_s, end_s]: [f64; 3]) -> Self {
        let took = Duration::try_from_secs_f64(end_s).unwrap_or(Duration::MAX);
        Self { from, to, peak, acceleration, fast_s, slowing_s, end_s, took }
    }

    const fn direction(&self) -> f64 {
        if self.to < self.from { -1.0 } else { 1.0 }
    }

    /// How far it goes in a time from rest, and how far it has still to go so long before its end.
    fn ramp(&self, time_s: f64) -> f64 {
        if time_s <= 0.0 { 0.0 } else { self.acceleration * time_s * time_s / 2.0 }
    }

    /// Where it is so long after its beginning. As a function of time this never goes back, not by the last bit either: each
    /// part is kept between its ends.
    fn position(&self, after: Duration) -> f64 {
        if after >= self.took {
            return self.to;
        }
        let (time_s, direction) = (after.as_secs_f64(), self.direction());
        let fast = self.from + direction * self.ramp(self.fast_s);
        let slowing = self.to - direction * self.ramp(self.end_s - self.slowing_s);
        // What is lost in rounding must not put the end of the even part before its beginning.
        let slowing = if direction < 0.0 { slowing.min(fast) } else { slowing.max(fast) };
        if time_s < self.fast_s {
            between(self.from + direction * self.ramp(time_s), self.from, fast, self.to)
        } else if time_s < self.slowing_s {
            between(fast + direction * self.peak * (time_s - self.fast_s), fast, slowing, self.to)
        } else {
            between(self.to - direction * self.ramp(self.end_s - time_s), slowing, self.to, self.to)
        }
    }

    /// How fast it is so long after its beginning; negative if it goes down.
    fn velocity(&self, after: Duration) -> f64 {
        let time_s = after.as_secs_f64();
        let speed = if after >= self.took {
            0.0
        } else if time_s < self.fast_s {
            self.acceleration * time_s
        } else if time_s < self.slowing_s {
            self.peak
        } else {
            (self.acceleration * (self.end_s - time_s)).min(self.peak).max(0.0)
        };
        self.direction() * speed
    }

    fn is_slowing(&self, after: Duration) -> bool {
        after.as_secs_f64() >= self.slowing_s
    }
}

/// A position, kept between two others, and not beyond a third.
fn between(position: f64, from: f64, to: f64, target: f64) -> f64 {
    let kept = position.max(from.min(to)).min(from.max(to));
    if to < from { kept.max(target) } else { kept.min(target) }
}

/// Legs one after another, from a time on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    began: Timestamp,
    legs: Vec<Leg>,
}

impl Path {
    pub(super) const fn new(began: Timestamp, legs: Vec<Leg>) -> Self {
        Self { began, legs }
    }

    pub(super) const fn began(&self) -> Timestamp {
        self.began
    }

    /// When the last leg ends.
    pub(super) fn end(&self) -> Timestamp {
        self.legs.iter().fold(self.began, |began, leg| began + leg.took)
    }

    pub(super) fn position(&self, now: Timestamp) -> f64 {
        let (began, leg) = self.leg(now);
        leg.map_or(0.0, |leg| leg.position(now - began))
    }

    /// The leg that is under way, and when it began; the last one from the end on.
    fn leg(&self, now: Timestamp) -> (Timestamp, Option<&Leg>) {
        let mut began = self.began;
        for (nth, leg) in self.legs.iter().enumerate() {
            if now < began + leg.took || nth + 1 == self.legs.len() {
                return (began, Some(leg));
            }
            began = began + leg.took;
        }
        (began, None)
    }

    /// The path of what is told to stop now: what slows down goes on to where its leg ends, anything else begins to slow
    /// down as it has sped up.
    pub(super) fn stopped(&self, now: Timestamp) -> Self {
        let (began, leg) = self.leg(now);
        let Some(leg) = leg else { return self.clone() };
        let after = now - began;
        if leg.is_slowing(after) {
            return Self::new(began, vec![*leg]);
        }
        Self::new(now, vec![Leg::braking(leg.position(after), leg.velocity(after), leg.acceleration)])
    }

    /// Goes on with other legs.
    pub(super) fn then(mut self, legs: impl IntoIterator<Item = Leg>) -> Self {
        self.legs.extend(legs);
        self
    }

    /// The position at which the last leg ends.
    pub(super) fn target(&self) -> f64 {
        self.legs.last().map_or(0.0, |leg| leg.to)
    }
}
