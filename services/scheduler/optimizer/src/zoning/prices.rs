//! The prices of rules in the zones' Lagrangian.

/// The prices of the rules, all in minutes.
#[derive(Debug, Clone)]
pub struct Lagrange {
    /// For serving each group.
    pub serve: Vec<f64>,
    /// For placing each supervisor.
    pub place: Vec<f64>,
    /// Per school of each supervisor, ≥ 0.
    pub school: Vec<f64>,
    /// Per day of each supervisor beyond the fair share, 0 to the weight of imbalance.
    pub fair: Vec<f64>,
    /// Per day of each supervisor beyond the most, ≥ 0.
    pub most: Vec<f64>,
    /// Per day of each supervisor short of the least, ≥ 0.
    pub least: Vec<f64>,
    /// Per school of a zone, ≥ 0.
    pub size: f64,
}

impl Lagrange {
    /// How far each part may move in one step, against the others: a day's price counts for several days.
    pub const SCALE: [f64; 7] = [1.0, 2.0, 1.0, 0.2, 0.2, 0.2, 0.2];

    /// The range of a part.
    pub fn range(part: usize, imbalance: f64) -> (f64, f64) {
        match part {
            0 | 1 => (f64::NEG_INFINITY, f64::INFINITY),
            3 => (0.0, imbalance),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// All prices, part by part.
    pub fn parts(&self) -> [&[f64]; 7] {
        let size = std::slice::from_ref(&self.size);
        [
            &self.serve,
            &self.place,
            &self.school,
            &self.fair,
            &self.most,
            &self.least,
            size,
        ]
    }

    /// All prices, part by part, to be set.
    pub fn parts_mut(&mut self) -> [&mut [f64]; 7] {
        let size = std::slice::from_mut(&mut self.size);
        [
            &mut self.serve,
            &mut self.place,
            &mut self.school,
            &mut self.fair,
            &mut self.most,
            &mut self.least,
            size,
        ]
    }
}
