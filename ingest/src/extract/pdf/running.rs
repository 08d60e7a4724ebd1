//! Running heads and feet: lines that repeat from page to page.

use std::collections::{HashMap, HashSet};

use super::rows::rows;
use super::words::{Sheet, Word};

/// Rows looked at, at the top and at the bottom of a page.
const REACH: usize = 4;

/// Share of a page's height in which heads and feet stand.
const MARGIN: f64 = 0.14;

/// Pages apart at most that a line repeats: left and right pages have heads of their own.
const APART: usize = 2;

/// Removes words of lines that stand at the same height of neighboring pages and say the same but for numbers.
pub(super) fn remove(pages: &mut [Sheet]) {
    if pages.len() < 2 {
        return;
    }
    // Of two pages that are alike, only the outermost lines are heads and feet.
    let reach = if pages.len() == 2 { 1 } else { REACH };
    let edges: Vec<Vec<Edge>> = pages.iter().map(|page| edges(page, reach)).collect();
    let mut places: HashMap<&str, Vec<(usize, f64)>> = HashMap::new();
    for (page, edges) in edges.iter().enumerate() {
        for edge in edges {
            places.entry(edge.text.as_str()).or_default().push((page, edge.y));
        }
    }
    let mut heights: HashMap<usize, Vec<f64>> = HashMap::new();
    for places in places.values() {
        let pages_of: HashSet<usize> = places.iter().map(|(page, _)| *page).collect();
        for (page, y) in places {
            let near = |(other, other_y): &&(usize, f64)| {
                other != page && page.abs_diff(*other) <= APART && (y - other_y).abs() < 4.0
            };
            // In two pages a line may repeat by chance, in a long document that is rare.
            let enough = pages_of.len() >= 3 || pages.len() == 2;
            if enough && places.iter().any(|place| near(&place)) {
                heights.entry(*page).or_default().push(*y);
            }
        }
    }
    for (page, heights) in heights {
        if let Some(sheet) = pages.get_mut(page) {
            let repeats = |word: &Word| heights.iter().any(|y| (word.y - y).abs() < word.size * 0.5);
            // A page of nothing else, such as a form of one line, says what it says.
            if !sheet.words.iter().all(repeats) {
                sheet.words.retain(|word| !repeats(word));
            }
        }
    }
}

/// A line near an edge of a page, its numbers made alike.
struct Edge {
    text: String,
    y: f64,
}

fn edges(sheet: &Sheet, reach: usize) -> Vec<Edge> {
    let height = sheet.extent.1;
    let near: Vec<_> = sheet
        .words
        .iter()
        .filter(|word| word.y < height * MARGIN || word.y > height * (1.0 - MARGIN))
        .cloned()
        .collect();
    let found: Vec<Edge> = rows(near)
        .into_iter()
        .map(|row| {
            let mut text = String::new();
            for c in row.text().chars() {
                if c.is_ascii_digit() {
                    if !text.ends_with('#') {
                        text.push('#');
                    }
                } else {
                    text.extend(c.to_lowercase());
                }
            }
            // The numbers of front matter are Roman.
            if text.bytes().all(|byte| b"ivxl".contains(&byte)) {
                text = "#".to_owned();
            }
            Edge { text, y: row.y }
        })
        .collect();
    let top = found.iter().take_while(|edge| edge.y < height * 0.5).count();
    let bottom = found.len() - top;
    found
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at < reach.min(top) || (*at >= top && *at >= top + bottom.saturating_sub(reach)))
        .map(|(_, edge)| edge)
        .collect()
}
