//! Codes that lead to a page (QR, GB/T 18284).

use qrcode::{Color, EcLevel, QrCode};

use crate::Unwritable;

/// A code as squares: light, but where it is dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Squares of a side, with the quiet zone of four around it.
    pub side: usize,
    /// Whether a square is dark, line by line.
    pub dark: Vec<bool>,
}

/// Light squares around it, which readers need.
const QUIET: usize = 4;
/// Dots of a square's side in a picture.
const DOTS: usize = 8;

impl Code {
    /// The code of a text; none if it is too long for one.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let side = width + 2 * QUIET;
        let colors = code.to_colors();
        let dark = (0..side * side).map(|at| {
            let (x, y) = (at % side, at / side);
            let inside = QUIET..QUIET + width;
            inside.contains(&x)
                && inside.contains(&y)
                && colors.get((y - QUIET) * width + x - QUIET) == Some(&Color::Dark)
        });
        Some(Self {
            side,
            dark: dark.collect(),
        })
    }

    /// As a PNG file of one bit a dot.
    pub fn png(&self) -> Result<Vec<u8>, Unwritable> {
        let dots = self.side * DOTS;
        let mut rows = vec![0u8; dots.div_ceil(8) * dots];
        for y in 0..dots {
            for x in 0..dots {
                if !self.dark[y / DOTS * self.side + x / DOTS] {
                    rows[y * dots.div_ceil(8) + x / 8] |= 0x80 >> (x % 8);
                }
            }
        }
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, dots as u32, dots as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&rows)?;
            writer.finish()
        });
        written.map_err(|error| Unwritable(error.to_string()))?;
        Ok(file)
    }
}
