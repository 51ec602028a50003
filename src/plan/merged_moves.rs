//! Moves of axes that depend on one another, as one move.

use crate::device::{CoupledAxes, Device, OphydObject};
use crate::message::PlanError;
use crate::value::{Map, Value};

/// The moves of one positioner's axes.
struct Together {
    positioner: Device,
    pseudo: Vec<(Device, Value)>,
    others: Vec<(Device, Value)>,
    has_real: bool,
}

/// Puts one move of a positioner in place of those of several of its pseudo axes, which would else each move it, and the
/// later ones from where the earlier ones took it (`bluesky.utils.merge_cycler`, 1.15.1). Moves of other devices come first.
///
/// # Errors
///
/// A `ValueError` where a positioner is moved besides its axes, or real axes besides pseudo ones.
pub(crate) fn merged_moves(moves: Vec<(Device, Value)>) -> Result<Vec<(Device, Value)>, PlanError> {
    if !moves.iter().any(|(device, _)| device.parent().is_some()) {
        return Ok(moves);
    }
    let mut merged: Vec<(Device, Value)> = Vec::new();
    let mut together: Vec<Together> = Vec::new();
    for (device, value) in moves {
        let Some((positioner, axes)) = positioner_of(&device) else {
            merged.push((device, value));
            continue;
        };
        let of_positioner = together.iter_mut().find(|of| of.positioner == positioner);
        let of_positioner = match of_positioner {
            Some(of_positioner) => of_positioner,
            None => {
                let (pseudo, others) = (Vec::new(), Vec::new());
                together.push(Together { positioner, pseudo, others, has_real: false });
                let Some(last) = together.last_mut() else { continue };
                last
            }
        };
        if is_one_of(&device, &of_positioner.positioner, &axes.pseudo) {
            of_positioner.pseudo.push((device, value));
        } else {
            of_positioner.has_real |= is_one_of(&device, &of_positioner.positioner, &axes.real);
            of_positioner.others.push((device, value));
        }
    }
    for Together { positioner, mut pseudo, others, has_real } in together {
        if merged.iter().any(|(device, _)| *device == positioner) && (has_real || !pseudo.is_empty()) {
            return Err(PlanError::value(format!("{positioner} is to move, and so are its axes; move it, or them")));
        }
        if has_real && !pseudo.is_empty() {
            let message =
                format!("real axes of {positioner} are to move, and so are pseudo axes; move these, or those");
            return Err(PlanError::value(message));
        }
        if pseudo.len() > 1 {
            let values =
                pseudo.iter().filter_map(|(axis, value)| Some((attribute_of(axis, &positioner)?, value.clone())));
            merged.push((positioner.clone(), values.collect::<Map>().into()));
        } else {
            merged.append(&mut pseudo);
        }
        merged.extend(others);
    }
    Ok(merged)
}

/// The positioner of which a device is a component, if that moves several axes together.
pub(super) fn positioner_of(device: &Device) -> Option<(Device, CoupledAxes)> {
    let positioner = device.parent()?;
    let axes = coupled_axes(&positioner)?;
    Some((positioner, axes))
}

/// The axes that a positioner moves together, if it is one that does.
pub(super) fn coupled_axes(positioner: &Device) -> Option<CoupledAxes> {
    positioner.ask("coupled_axes", OphydObject::coupled_axes).unwrap_or_default()
}

fn is_one_of(device: &Device, positioner: &Device, attributes: &[crate::value::Text]) -> bool {
    attributes.iter().any(|attribute| positioner.component(attribute).as_ref() == Some(device))
}

/// The attribute under which a positioner has a pseudo axis.
pub(super) fn attribute_of(axis: &Device, positioner: &Device) -> Option<crate::value::Text> {
    let axes = coupled_axes(positioner)?;
    axes.pseudo.into_iter().find(|attribute| positioner.component(attribute).as_ref() == Some(axis))
}
