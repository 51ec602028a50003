//! A query, asked of spans.
//!
//! [`program`] runs a pipeline over the spans of each trace id ([`groups`]): it filters them by [`condition`]s, which are made
//! of the values of fields ([`source`], [`val`]), of fields held against literals ([`test`]) and of operators between any
//! values ([`operate`]), where [`asked`] knows all that is asked of one field; it looks for [`kin`] by the numbers of nested sets ([`nesting`]), groups, and adds up ([`measure`]).
//! Each of them goes over the spans a fixed number of times.

mod asked;
pub(super) mod condition;
pub(super) mod groups;
mod kin;
mod measure;
mod nesting;
mod operate;
pub(super) mod program;
pub(super) mod source;
mod test;
pub(super) mod val;
