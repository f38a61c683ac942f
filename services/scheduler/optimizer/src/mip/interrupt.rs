//! HiGHS asks now and then whether to go on. Its callbacks are the one thing that only the C interface gives.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void};
use std::ptr::from_ref;

use highs::{HighsStatus, Model, SolvedModel};
use highs_sys::{
    Highs_setCallback, Highs_startCallback, HighsCallbackDataIn, HighsCallbackDataOut, HighsInt,
    kHighsCallbackIpmInterrupt, kHighsCallbackMipInterrupt, kHighsCallbackSimplexInterrupt,
};

use crate::Clock;

/// Where HiGHS asks: in the simplex method, in interior points, in branch and bound.
const MOMENTS: [HighsInt; 3] = [
    kHighsCallbackSimplexInterrupt,
    kHighsCallbackIpmInterrupt,
    kHighsCallbackMipInterrupt,
];

/// Solves the model, and gives up soon after the clock is over, with what was proven until then.
pub fn solve(mut model: Model, clock: &Clock) -> Result<SolvedModel, HighsStatus> {
    let highs = model.as_mut_ptr();
    // SAFETY: `highs` is the live instance that `model` owns, used by this thread alone. It calls back only while it
    // solves, that is within this function, for which the clock is borrowed; afterwards the callback is taken away.
    let asks = unsafe {
        Highs_setCallback(highs, Some(ask), from_ref(clock).cast_mut().cast()) == 0
            && MOMENTS
                .iter()
                .all(|moment| Highs_startCallback(highs, *moment) == 0)
    };
    if !asks {
        return Err(HighsStatus::Error);
    }
    let mut solved = model.try_solve()?;
    // SAFETY: as above.
    unsafe { Highs_setCallback(solved.as_mut_ptr(), None, std::ptr::null_mut()) };
    Ok(solved)
}

unsafe extern "C" fn ask(
    _: c_int,
    _: *const c_char,
    _: *const HighsCallbackDataOut,
    answer: *mut HighsCallbackDataIn,
    clock: *mut c_void,
) {
    // SAFETY: HiGHS passes the clock it was given by `solve`, which is still borrowed, and either null or an answer that
    // nobody else holds.
    let (clock, answer) = unsafe { (&*clock.cast::<Clock>(), answer.as_mut()) };
    if let (true, Some(answer)) = (clock.over(), answer) {
        answer.user_interrupt = 1;
    }
}
