//! Which schools are neighbours, and what "in one piece" means.
//!
//! Schools at the same place are neighbours. Places are neighbours when an edge of their Delaunay triangulation joins
//! them and it is no longer than the county's gap. Where long edges are left out, the county falls into natural
//! *pieces* (islands, exclaves, valleys).
//!
//! A set of schools is **in one piece** when, inside every natural piece of the county, its schools there are
//! connected through neighbours of the set. So a zone may join an island to the mainland, at the price of its travel,
//! but it may not be torn apart inside the mainland: no county is made unsolvable by its geography alone.

use std::collections::HashMap;

use spade::{DelaunayTriangulation, Point2, Triangulation};

use crate::geo::{Place, haversine_km};

/// The neighbours of each school.
#[derive(Debug, Clone)]
pub struct Graph {
    near: Vec<Vec<usize>>,
    piece: Vec<usize>,
    edges: Vec<(usize, usize)>,
}

impl Graph {
    /// The neighbour graph of these places; edges longer than `gap_km` are left out.
    pub fn new(places: &[Place], gap_km: Option<f64>) -> Self {
        let mut sites: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<(u64, u64), usize> = HashMap::new();
        for (school, place) in places.iter().enumerate() {
            // Adding zero makes −0 and 0 the same place.
            let key = ((place.lon + 0.0).to_bits(), (place.lat + 0.0).to_bits());
            let site = *known.entry(key).or_insert_with(|| {
                sites.push(Vec::new());
                sites.len() - 1
            });
            sites[site].push(school);
        }
        let mut links = delaunay(
            &sites
                .iter()
                .map(|schools| places[schools[0]])
                .collect::<Vec<_>>(),
        );
        if let Some(gap) = gap_km {
            links.retain(|&(a, b)| haversine_km(places[sites[a][0]], places[sites[b][0]]) <= gap);
        }

        let mut near = vec![Vec::new(); places.len()];
        let mut edges: Vec<(usize, usize)> = links
            .iter()
            .map(|&(a, b)| (sites[a][0], sites[b][0]))
            .collect();
        for schools in &sites {
            edges.extend(schools.windows(2).map(|pair| (pair[0], pair[1])));
            for &a in schools {
                near[a].extend(schools.iter().filter(|&&b| b != a));
            }
        }
        for &(s, t) in &links {
            for &a in &sites[s] {
                for &b in &sites[t] {
                    near[a].push(b);
                    near[b].push(a);
                }
            }
        }
        for edge in &mut edges {
            *edge = (edge.0.min(edge.1), edge.0.max(edge.1));
        }
        edges.sort_unstable();
        for list in &mut near {
            list.sort_unstable();
        }
        let piece = pieces(&near);
        Self { near, piece, edges }
    }

    /// The neighbours of a school.
    pub fn near(&self, school: usize) -> &[usize] {
        &self.near[school]
    }

    /// The natural piece of the county that a school lies in.
    pub fn piece(&self, school: usize) -> usize {
        self.piece[school]
    }

    /// Pairs of neighbouring schools for a map: one edge per pair of places, and a chain through each shared place.
    pub fn edges(&self) -> &[(usize, usize)] {
        &self.edges
    }
}

/// Delaunay edges between distinct places, in km on a plane around their centre.
fn delaunay(sites: &[Place]) -> Vec<(usize, usize)> {
    let count = sites.len().max(1) as f64;
    let lon = sites.iter().map(|p| p.lon).sum::<f64>() / count;
    let lat = sites.iter().map(|p| p.lat).sum::<f64>() / count;
    let mut triangulation: DelaunayTriangulation<Point2<f64>> = DelaunayTriangulation::new();
    let mut site_of = HashMap::new();
    for (site, place) in sites.iter().enumerate() {
        let point = Point2::new(
            (place.lon - lon) * 111.3 * lat.to_radians().cos().max(1e-3),
            (place.lat - lat) * 111.3,
        );
        // A place that cannot be inserted stays without neighbours, and so becomes a piece of its own.
        if let Ok(vertex) = triangulation.insert(point) {
            site_of.insert(vertex.index(), site);
        }
    }
    let mut links: Vec<(usize, usize)> = triangulation
        .undirected_edges()
        .filter_map(|edge| {
            let [a, b] = edge
                .vertices()
                .map(|vertex| site_of.get(&vertex.index()).copied());
            Some((a?.min(b?), a?.max(b?)))
        })
        .collect();
    links.sort_unstable();
    links
}

/// The connected component of each school, numbered from 0 in the order of the schools.
fn pieces(near: &[Vec<usize>]) -> Vec<usize> {
    let mut piece = vec![usize::MAX; near.len()];
    let mut count = 0;
    for start in 0..near.len() {
        if piece[start] != usize::MAX {
            continue;
        }
        piece[start] = count;
        let mut stack = vec![start];
        while let Some(school) = stack.pop() {
            for &next in &near[school] {
                if piece[next] == usize::MAX {
                    piece[next] = count;
                    stack.push(next);
                }
            }
        }
        count += 1;
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(points: &[(f64, f64)]) -> Vec<Place> {
        points
            .iter()
            .map(|&(lon, lat)| Place { lon, lat })
            .collect()
    }

    #[test]
    fn schools_at_one_place_are_neighbours_and_share_their_neighbours() {
        let graph = Graph::new(
            &places(&[(112.0, 35.0), (112.0, 35.0), (112.1, 35.0)]),
            None,
        );
        assert_eq!(graph.near(0), [1, 2]);
        assert_eq!(graph.near(2), [0, 1]);
        assert_eq!(graph.piece(2), graph.piece(0));
    }

    #[test]
    fn schools_along_a_road_are_neighbours_one_after_the_other() {
        let graph = Graph::new(
            &places(&[(112.2, 35.0), (112.0, 35.0), (112.1, 35.0)]),
            None,
        );
        assert_eq!(graph.edges(), [(0, 2), (1, 2)]);
    }

    #[test]
    fn a_lake_parts_the_county_into_pieces() {
        let graph = Graph::new(
            &places(&[
                (112.0, 35.0),
                (112.01, 35.0),
                (113.0, 35.0),
                (113.01, 35.01),
            ]),
            Some(20.0),
        );
        assert_eq!(graph.piece(0), graph.piece(1));
        assert_ne!(graph.piece(1), graph.piece(2));
        assert_eq!(graph.near(2), [3]);
    }
}
