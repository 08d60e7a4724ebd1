//! Measures of rankings and answers, one file each.

pub mod ndcg;
pub mod recall;
pub mod reciprocal_rank;
