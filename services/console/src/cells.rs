//! Zones as areas: around each school the land that is nearer to it than to any other and not far from it (its Voronoi cell, cut off
//! at a rim). A zone is the cells of its schools; where two cells of different zones meet there is a border.

/// A point of the plane.
pub type Point = [f64; 2];

/// The area of a school.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its corners, in order.
    pub corners: Vec<Point>,
    /// Those of its edges beyond which there is another zone, or none.
    pub borders: Vec<[Point; 2]>,
    /// The zones beyond them.
    pub beyond: Vec<usize>,
}

/// The rim has so many corners …
const RIM: usize = 20;
/// … and stands so many times as far away as the nearest school usually does.
const REACH: f64 = 3.5;
/// Schools nearer to each other than this are at one place, in degrees.
const SAME: f64 = 1e-9;

/// The cells of schools at these places, in degrees east and north; `zones` says which zone each is in.
pub fn cells(places: &[Point], zones: &[usize]) -> Vec<Cell> {
    let middle = places.iter().map(|p| p[1]).sum::<f64>() / places.len().max(1) as f64;
    // Degrees east are shorter than degrees north.
    let squeeze = middle.to_radians().cos();
    let flat: Vec<Point> = places.iter().map(|p| [p[0] * squeeze, p[1]]).collect();
    let reach = REACH * usual_distance(&flat);
    let unflat = |p: Point| [p[0] / squeeze, p[1]];
    (0..flat.len())
        .map(|own| {
            let sides = cell(own, &flat, reach);
            let corner = |at: usize| unflat(sides[at % sides.len()].0);
            let foreign = |at: &usize| sides[*at].1.is_none_or(|o| zones[o] != zones[own]);
            let borders = || (0..sides.len()).filter(foreign);
            Cell {
                corners: (0..sides.len()).map(corner).collect(),
                borders: borders().map(|at| [corner(at), corner(at + 1)]).collect(),
                beyond: borders()
                    .filter_map(|at| Some(zones[sides[at].1?]))
                    .collect(),
            }
        })
        .collect()
}

/// A colour for each of so many zones, by number, so that neighbours differ as long as there are enough.
pub fn colours(cells: &[Cell], zones: &[usize], count: usize, most: usize) -> Vec<usize> {
    let mut colours: Vec<usize> = Vec::with_capacity(count);
    for zone in 0..count {
        let own = cells.iter().zip(zones).filter(|(_, of)| **of == zone);
        let near: Vec<_> = own
            .flat_map(|(cell, _)| &cell.beyond)
            .filter_map(|other| colours.get(*other).copied())
            .collect();
        // Begins at another one each time, so that the map is not of two colours alone.
        let mut choices = (0..most).map(|step| (zone + step) % most);
        colours.push(choices.find(|colour| !near.contains(colour)).unwrap_or(0));
    }
    colours
}

/// How far the nearest other school is: the median.
fn usual_distance(flat: &[Point]) -> f64 {
    let nearest = |own: usize| {
        let others = flat.iter().map(|&other| distance(flat[own], other));
        let others = others.filter(|d| *d > SAME);
        others.fold(f64::INFINITY, f64::min)
    };
    let mut distances: Vec<_> = (0..flat.len()).map(nearest).collect();
    distances.retain(|d| d.is_finite());
    distances.sort_by(f64::total_cmp);
    distances.get(distances.len() / 2).copied().unwrap_or(0.02)
}

/// A corner, and the school beyond the side that begins there; none beyond the rim.
type Side = (Point, Option<usize>);

fn cell(own: usize, flat: &[Point], reach: f64) -> Vec<Side> {
    let here = flat[own];
    let mut sides: Vec<Side> = (0..RIM)
        .map(|corner| {
            let turn = std::f64::consts::TAU * corner as f64 / RIM as f64;
            (
                [here[0] + reach * turn.cos(), here[1] + reach * turn.sin()],
                None,
            )
        })
        .collect();
    let mut others: Vec<_> = (0..flat.len())
        .map(|other| (distance(here, flat[other]), other))
        .filter(|(far, _)| (SAME..2.0 * reach).contains(far))
        .collect();
    others.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (far, other) in others {
        let farthest = sides.iter().map(|(p, _)| distance(here, *p));
        // The line half-way to it passes the cell by, and so do those to all farther ones.
        if far / 2.0 > farthest.fold(0.0, f64::max) {
            break;
        }
        sides = cut(&sides, here, flat[other], other);
    }
    sides
}

/// What of a cell is nearer to its own school than to the other.
fn cut(sides: &[Side], here: Point, there: Point, other: usize) -> Vec<Side> {
    // How much nearer a point is to the other school.
    let beyond = |p: Point| {
        let middle = [here[0].midpoint(there[0]), here[1].midpoint(there[1])];
        (p[0] - middle[0]) * (there[0] - here[0]) + (p[1] - middle[1]) * (there[1] - here[1])
    };
    let mut kept = Vec::with_capacity(sides.len() + 1);
    for (at, &(from, neighbour)) in sides.iter().enumerate() {
        let to = sides[(at + 1) % sides.len()].0;
        let (a, b) = (beyond(from), beyond(to));
        let crossing = || {
            let share = a / (a - b);
            [
                from[0] + share * (to[0] - from[0]),
                from[1] + share * (to[1] - from[1]),
            ]
        };
        if a <= 0.0 {
            kept.push((from, neighbour));
            if b > 0.0 {
                kept.push((crossing(), Some(other)));
            }
        } else if b <= 0.0 {
            kept.push((crossing(), neighbour));
        }
    }
    kept
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_zones_runs_a_border_and_within_a_zone_none() {
        let row = [[112.0, 0.0], [112.1, 0.0], [112.2, 0.0]];
        let cells = cells(&row, &[0, 0, 1]);
        let inner = |cell: &Cell, east: f64| {
            cell.borders
                .iter()
                .any(|border| border.iter().all(|p| (p[0] - east).abs() < 1e-6))
        };
        assert!(!inner(&cells[0], 112.05) && !inner(&cells[1], 112.05));
        assert!(inner(&cells[1], 112.15) && inner(&cells[2], 112.15));
        let colours = colours(&cells, &[0, 0, 1], 2, 2);
        assert_ne!(colours[0], colours[1]);
    }

    #[test]
    fn schools_at_one_place_and_a_lone_school_have_areas() {
        let cells = cells(&[[112.0, 35.0], [112.0, 35.0]], &[0, 1]);
        assert!(cells.iter().all(|cell| cell.corners.len() == RIM));
        assert!(super::cells(&[], &[]).is_empty());
    }
}
