//! Shows how long solves go, on standard error: incumbent, bound and gap of one, how many of many have ended.

use std::time::Duration;

use dudao_proto::scheduler::v1::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// A line that changes in place on a terminal, and is silent elsewhere.
pub struct SolveLine(ProgressBar);

impl SolveLine {
    /// Begins with what is being solved.
    pub fn new(what: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Shows the figures of a moment.
    pub fn show(&self, progress: &Progress) {
        self.0
            .set_message(match (progress.objective, progress.gap) {
                (Some(objective), Some(gap)) => format!(
                    "目标 objective {objective:.0} 分钟 · 下界 bound {:.0} · 差距 gap {:.2} %",
                    progress.bound,
                    gap * 100.0
                ),
                _ => format!("尚无方案 no plan yet · 下界 bound {:.0}", progress.bound),
            });
    }

    /// Ends it.
    pub fn end(self) {
        self.0.finish_and_clear();
    }
}

/// A line of many solves.
pub struct CountLine(ProgressBar);

impl CountLine {
    /// Begins with what is being solved, so many times.
    pub fn new(what: &str, count: usize) -> Self {
        let bar = ProgressBar::new(count as u64);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {elapsed}  {msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        Self(bar)
    }

    /// Shows how many have ended, and how many are being solved.
    pub fn show(&self, ended: usize, solving: usize) {
        self.0.set_position(ended as u64);
        self.0.set_message(format!("求解中 solving {solving}"));
    }

    /// Ends it.
    pub fn end(self) {
        self.0.finish_and_clear();
    }
}
