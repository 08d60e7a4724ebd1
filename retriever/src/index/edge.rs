//! The embedded engine: one shard in a folder, searched in this process.
//!
//! Two rules of the engine shape what is around it. Opening a folder that another process has open damages it for
//! good, so only [`crate::view`] decides which folder is opened. And the write-ahead log is not replayed when a
//! folder is opened, so only what was flushed is there; a writer that does not finish is thrown away.

use std::collections::HashMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use corpus::{Chunk, ChunkId};
use qdrant_edge::external::serde_json::{Value, json};
use qdrant_edge::{
    AcornSearchParams, AnyVariants, BinaryQuantizationConfig, Condition, CountRequest, CreateIndex, Distance,
    EdgeConfig, EdgeOptimizersConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams, FieldCondition,
    FieldIndexOperations, Filter as EdgeFilter, HnswIndexConfig, JsonPath, Match, MatchAny, Modifier,
    NamedQuery, OperationError, PayloadFieldSchema, PayloadSchemaType, PointId, PointInsertOperations,
    PointOperations, PointStruct, QuantizationConfig, QuantizationSearchParams, QueryEnum, QueryRequest,
    ScalarQuantizationConfig, ScalarType, ScoringQuery, SearchParams, SparseVector, UpdateOperation, Vector,
    VectorInternal, Vectors, WalOptions, WithPayloadInterface, WithVector,
};

use super::{
    CHUNK, DENSE, Hit, Index, IndexWriter, MODIFIED, OVERSAMPLING, Point, Quantization, TAGS, TERMS, Wanted,
    beam, in_order, payload,
};
use crate::Error;
use crate::search::Filter;
use crate::sparse::Sparse;
use crate::store::files;
use crate::view::View;

/// From this many points on, a graph is built for approximate search, and used where at least so many pass a filter. Fewer
/// are compared one by one, which is exact, takes a few milliseconds, and saves minutes of building.
pub(crate) const GRAPH_FROM: usize = 150_000;
/// Share of points up to which a filter is taken to cut the graph apart, so that it is searched two steps at a time (ACORN,
/// Patel et al. 2024).
const SPARSE_FILTER: f64 = 0.4;
/// Kilobytes of a segment: no limit.
const LARGEST_SEGMENT: usize = 1 << 40;
/// The log only has to hold one batch, since a writer that does not finish is thrown away.
const LOG_BYTES: usize = 1 << 20;

/// A shard that is being written or searched.
struct Shard {
    /// Some until it is dropped.
    shard: Option<EdgeShard>,
    path: PathBuf,
}

impl Shard {
    fn open(path: &Path, open: impl FnOnce() -> Result<EdgeShard, OperationError>) -> Result<Self, Error> {
        let shard = guarded(path, "open", open)?;
        Ok(Self { shard: Some(shard), path: path.to_owned() })
    }

    fn call<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&EdgeShard) -> Result<T, OperationError>,
    ) -> Result<T, Error> {
        guarded(&self.path, action, || {
            let shard = self.shard.as_ref().ok_or_else(|| OperationError::service_error("closed"))?;
            work(shard)
        })
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        // The engine flushes when it is dropped, and panics where that fails. Nothing depends on that flush:
        // writers have finished before or are thrown away, and readers write nothing.
        let shard = self.shard.take();
        if let Err(error) = guarded(&self.path, "close", move || {
            drop(shard);
            Ok(())
        }) {
            tracing::debug!(%error, path = %self.path.display(), "closing the search engine");
        }
    }
}

/// Calls the engine. It panics on some damaged files and where it cannot write; that becomes an error here.
fn guarded<T>(
    path: &Path,
    action: &'static str,
    work: impl FnOnce() -> Result<T, OperationError>,
) -> Result<T, Error> {
    let problem = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
            (Some(text), _) => text.clone(),
            (_, Some(text)) => (*text).to_owned(),
            _ => "it panicked".to_owned(),
        },
    };
    // The engine passes IO errors on as text.
    if ["No space left", "StorageFull", "os error 28", "QuotaExceeded"]
        .iter()
        .any(|sign| problem.contains(sign))
    {
        return Err(Error::NoSpace { path: path.to_owned() });
    }
    Err(Error::Engine { action, problem })
}

fn config(dimension: usize, graph_from: usize, quantization: Quantization) -> EdgeConfig {
    let threshold = graph_from * dimension * size_of::<f32>() / 1024;
    let vector = EdgeVectorParams::builder(dimension, Distance::Cosine);
    let vector = match quantization {
        Quantization::None => vector,
        Quantization::Int8 => {
            vector.quantization_config(QuantizationConfig::from(ScalarQuantizationConfig {
                r#type: ScalarType::Int8,
                quantile: Some(0.99),
                always_ram: Some(true),
            }))
        }
        Quantization::Binary => {
            vector.quantization_config(QuantizationConfig::from(BinaryQuantizationConfig {
                always_ram: Some(true),
                encoding: None,
                query_encoding: None,
            }))
        }
    };
    EdgeConfig::builder()
        .hnsw_config(HnswIndexConfig { full_scan_threshold: threshold.max(1), ..HnswIndexConfig::default() })
        .vector(DENSE, vector.build())
        .sparse_vector(TERMS, EdgeSparseVectorParams::builder().modifier(Modifier::Idf).build())
        .optimizers(EdgeOptimizersConfig {
            indexing_threshold: Some(threshold.max(1)),
            default_segment_number: Some(1),
            max_segment_size: Some(LARGEST_SEGMENT),
            ..EdgeOptimizersConfig::default()
        })
        .wal_options(WalOptions { segment_capacity: LOG_BYTES, ..WalOptions::default() })
        .build()
}

/// Writes a new shard, in parts.
///
/// To take a point, a segment goes over the lists of all its terms from end to start, so that the time for a segment grows with
/// the square of its points. A part is a shard with a segment of its own; at the end the segments come together in
/// one folder, and the optimizer makes one of them in a single pass.
pub(crate) struct EdgeWriter {
    path: PathBuf,
    config: EdgeConfig,
    /// Points of a part.
    most: usize,
    part: Option<Part>,
}

/// A part that is being filled.
struct Part {
    shard: Shard,
    points: usize,
}

/// Points of a part.
const PART: usize = 16_384;
/// Folder of the segments of a shard.
const SEGMENTS: &str = "segments";
/// Folder of a part, in that of the shard.
const PART_FOLDER: &str = "part";

impl EdgeWriter {
    /// A new shard in `path`, which must be a folder that nobody else knows of. It gets a graph if it holds at least
    /// `graph_from` points; see [`GRAPH_FROM`].
    pub(crate) fn create(
        path: &Path,
        dimension: usize,
        graph_from: usize,
        quantization: Quantization,
    ) -> Result<Self, Error> {
        let segments = path.join(SEGMENTS);
        fs::create_dir_all(&segments).map_err(Error::io("create", &segments))?;
        let config = config(dimension, graph_from, quantization);
        Ok(Self { path: path.to_owned(), config, most: PART, part: None })
    }

    /// The part that has room for `points` more.
    fn part(&mut self, points: usize) -> Result<&mut Part, Error> {
        if self.part.as_ref().is_some_and(|part| part.points + points > self.most) {
            self.close_part()?;
        }
        let part = match self.part.take() {
            Some(part) => part,
            None => Part::create(&self.path.join(PART_FOLDER), &self.config)?,
        };
        Ok(self.part.insert(part))
    }

    /// Moves the segments of the part to those of the whole.
    fn close_part(&mut self) -> Result<(), Error> {
        let Some(Part { shard, .. }) = self.part.take() else { return Ok(()) };
        flush(&shard)?;
        drop(shard);
        let folder = self.path.join(PART_FOLDER);
        for segment in files::entries(&folder.join(SEGMENTS))? {
            let Some(name) = segment.file_name() else { continue };
            let to = self.path.join(SEGMENTS).join(name);
            fs::rename(&segment, &to).map_err(Error::io("create", &to))?;
        }
        files::remove_tree(&folder)
    }
}

impl Part {
    fn create(path: &Path, config: &EdgeConfig) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        let shard = Shard::open(path, || EdgeShard::new(path, config.clone()))?;
        let fields = [(TAGS, PayloadSchemaType::Keyword), (MODIFIED, PayloadSchemaType::Integer)];
        for (name, schema) in fields {
            shard.call("index what is filtered by", |shard| {
                let field_name = path_of(name)?;
                let field_schema = Some(PayloadFieldSchema::FieldType(schema));
                let create = FieldIndexOperations::CreateIndex(CreateIndex { field_name, field_schema });
                shard.update(UpdateOperation::FieldIndexOperation(create))
            })?;
        }
        Ok(Self { shard, points: 0 })
    }
}

fn flush(shard: &Shard) -> Result<(), Error> {
    shard.call("flush", |shard| {
        shard.flush();
        Ok(())
    })
}

impl IndexWriter for EdgeWriter {
    fn insert(&mut self, points: Vec<Point>) -> Result<(), Error> {
        let part = self.part(points.len())?;
        part.points += points.len();
        part.shard.call("insert", |shard| {
            let points = points.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
            shard.update(UpdateOperation::PointOperation(PointOperations::UpsertPoints(
                PointInsertOperations::PointsList(points),
            )))
        })
    }

    fn finish(mut self) -> Result<(), Error> {
        // One without points has its fields as well.
        self.part(0)?;
        self.close_part()?;
        let path = &self.path;
        let shard = Shard::open(path, || EdgeShard::load(path, Some(self.config.clone())))?;
        shard.call("optimize", EdgeShard::optimize)?;
        flush(&shard)
    }
}

fn stored(point: Point) -> Result<qdrant_edge::PointStructPersisted, OperationError> {
    let Point { chunk, dense, sparse } = point;
    let payload = payload(&chunk)?;
    let vectors = Vectors::new_named([
        (DENSE, Vector::new_dense(dense)),
        (TERMS, Vector::new_sparse(sparse.terms, sparse.weights)?),
    ]);
    Ok(PointStruct::new(PointId::Uuid(chunk.id.0), vectors, payload).into())
}

/// Removes from a finished shard what readers do not need: the log and what an interrupted optimizer left.
pub(crate) fn seal(path: &Path) -> Result<(), Error> {
    files::remove_tree(&path.join("wal"))?;
    files::remove_tree(&path.join("temp_segments"))
}

/// Searches a shard that nobody else has open.
pub(crate) struct EdgeIndex {
    // Closed before its folder is removed.
    shard: Shard,
    _view: View,
}

impl EdgeIndex {
    /// The shard in `view`.
    pub(crate) fn open(view: View) -> Result<Self, Error> {
        let path = view.folder();
        let shard = Shard::open(path, || EdgeShard::load(path, None)).map_err(|error| match error {
            Error::Engine { problem, .. } => Error::damaged(path, format!("it cannot be opened: {problem}")),
            other => other,
        })?;
        Ok(Self { shard, _view: view })
    }

    fn query(
        &self,
        query: NamedQuery<VectorInternal>,
        filters: &[Filter],
        limit: usize,
    ) -> Result<Vec<Hit>, Error> {
        let filter = filter(&Wanted::by(filters)?)?;
        let acorn = filter
            .as_ref()
            .map(|_| AcornSearchParams { enable: true, max_selectivity: Some(SPARSE_FILTER.into()) });
        let beam = beam(filter.is_some());
        let request = QueryRequest {
            prefetches: Vec::new(),
            query: Some(ScoringQuery::Vector(QueryEnum::Nearest(query))),
            filter,
            score_threshold: None,
            limit,
            offset: 0,
            params: Some(SearchParams {
                hnsw_ef: Some(beam.max(limit)),
                quantization: Some(QuantizationSearchParams {
                    ignore: false,
                    rescore: Some(true),
                    oversampling: Some(OVERSAMPLING),
                }),
                acorn,
                ..SearchParams::default()
            }),
            with_vector: WithVector::Bool(false),
            with_payload: WithPayloadInterface::Bool(false),
        };
        let points = self.shard.call("search", |shard| shard.query(request))?;
        let hit = |point: qdrant_edge::ScoredPoint| Some(Hit { id: chunk_id(point.id)?, score: point.score });
        Ok(in_order(points.into_iter().filter_map(hit).collect()))
    }

    fn records(
        &self,
        ids: &[ChunkId],
        with_payload: bool,
        with_vector: WithVector,
    ) -> Result<HashMap<ChunkId, qdrant_edge::Record>, Error> {
        let ids: Vec<PointId> = ids.iter().map(|id| PointId::Uuid(id.0)).collect();
        let payload = Some(WithPayloadInterface::Bool(with_payload));
        let records = self.shard.call("read", |shard| shard.retrieve(&ids, payload, Some(with_vector)))?;
        Ok(records.into_iter().filter_map(|record| Some((chunk_id(record.id)?, record))).collect())
    }
}

impl Index for EdgeIndex {
    fn count(&self) -> Result<usize, Error> {
        self.shard.call("count", |shard| shard.count(CountRequest { filter: None, exact: true }))
    }

    fn nearest(&self, vector: &[f32], filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error> {
        let query = NamedQuery { query: VectorInternal::Dense(vector.to_vec()), using: Some(DENSE.into()) };
        self.query(query, filters, limit)
    }

    fn matching(&self, question: &Sparse, filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error> {
        if question.is_empty() {
            return Ok(Vec::new());
        }
        let vector = SparseVector { indices: question.terms.clone(), values: question.weights.clone() };
        self.query(
            NamedQuery { query: VectorInternal::Sparse(vector), using: Some(TERMS.into()) },
            filters,
            limit,
        )
    }

    fn similarities(&self, vector: &[f32], ids: &[ChunkId]) -> Result<Vec<Hit>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let stored = self.vectors(ids)?;
        let hit = |(id, stored): (ChunkId, Vec<f32>)| {
            let dot: f32 = stored.iter().zip(vector).map(|(one, other)| one * other).sum();
            Hit { id, score: dot / norm }
        };
        Ok(stored.into_iter().map(hit).collect())
    }

    fn vectors(&self, ids: &[ChunkId]) -> Result<Vec<(ChunkId, Vec<f32>)>, Error> {
        let records = self.records(ids, false, WithVector::Selector(vec![DENSE.into()]))?;
        let vector = |id: &ChunkId| {
            let stored: &[f32] = records.get(id)?.get_vector_by_name(DENSE)?.try_into().ok()?;
            Some((*id, stored.to_vec()))
        };
        Ok(ids.iter().filter_map(vector).collect())
    }

    fn chunks(&self, ids: &[ChunkId]) -> Result<Vec<Chunk>, Error> {
        let mut records = self.records(ids, true, WithVector::Bool(false))?;
        let records = ids.iter().filter_map(|id| records.remove(id));
        records
            .map(|record| {
                let mut payload = record.payload.unwrap_or_default().0;
                let chunk = payload.remove(CHUNK).unwrap_or(Value::Null);
                serde_json::from_value(chunk)
                    .map_err(|error| Error::corrupt(&self.shard.path, "a point holds no chunk", error))
            })
            .collect()
    }
}

fn chunk_id(id: PointId) -> Option<ChunkId> {
    match id {
        PointId::Uuid(id) => Some(ChunkId(id)),
        PointId::NumId(_) => None,
    }
}

fn path_of(field: &str) -> Result<JsonPath, OperationError> {
    field.parse().map_err(|()| OperationError::service_error("a field's name is no JSON path"))
}

fn filter(wanted: &Wanted) -> Result<Option<EdgeFilter>, Error> {
    let unusable = |problem: String| Error::Engine { action: "filter", problem };
    let tags = path_of(TAGS).map_err(|error| unusable(error.to_string()))?;
    let one_of = |values: &Vec<String>| {
        let any = MatchAny { any: AnyVariants::Strings(values.iter().cloned().collect()) };
        Condition::Field(FieldCondition::new_match(tags.clone(), Match::Any(any)))
    };
    let mut must: Vec<Condition> = wanted.tags.iter().map(one_of).collect();
    if wanted.since.is_some() || wanted.until.is_some() {
        let range = json!({ "key": MODIFIED, "range": { "gte": wanted.since, "lt": wanted.until } });
        must.push(Condition::Field(
            serde_json::from_value(range).map_err(|error| unusable(error.to_string()))?,
        ));
    }
    Ok((!must.is_empty()).then(|| EdgeFilter {
        should: None,
        min_should: None,
        must: Some(must),
        must_not: None,
    }))
}

#[cfg(test)]
mod tests;
