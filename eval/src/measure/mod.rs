//! Measures of rankings, decisions and probabilities, one file each.

pub mod auc;
pub mod calibration;
pub mod confusion;
pub mod ndcg;
pub mod recall;
pub mod reciprocal_rank;
