//! One collection: a shard of the embedded engine, or points without vectors.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use qdrant_client::qdrant as api;
use qdrant_edge as edge;
use serde_json::{Value, json};
use tonic::Status;
use uuid::Uuid;

use crate::lock;

pub(crate) struct Collection {
    /// As it was asked for.
    pub(crate) asked: api::CreateCollection,
    points: Points,
    /// Whether points came since it was last indexed.
    stale: AtomicBool,
}

enum Points {
    Indexed(Box<edge::EdgeShard>),
    Plain(Mutex<BTreeMap<Uuid, serde_json::Map<String, Value>>>),
}

/// Kilobytes of vectors from which on a graph is built.
const GRAPH_FROM: usize = 20_000;

impl Collection {
    pub(crate) fn create(folder: &Path, asked: api::CreateCollection) -> Result<Self, Status> {
        let dense = named(&asked);
        let sparse = asked.sparse_vectors_config.iter().flat_map(|config| config.map.iter());
        let points = if dense.is_empty() {
            Points::Plain(Mutex::default())
        } else {
            let mut config = edge::EdgeConfig::builder().optimizers(edge::EdgeOptimizersConfig {
                indexing_threshold: Some(GRAPH_FROM),
                default_segment_number: Some(1),
                ..edge::EdgeOptimizersConfig::default()
            });
            for (name, params) in &dense {
                let size = params.size as usize;
                let mut vector = edge::EdgeVectorParams::builder(size, edge::Distance::Cosine);
                if let Some(quantization) = asked.quantization_config.as_ref().and_then(quantization) {
                    vector = vector.quantization_config(quantization);
                }
                config = config.vector(name.as_str(), vector.build());
            }
            for (name, params) in sparse {
                let mut vector = edge::EdgeSparseVectorParams::builder();
                if params.modifier() == api::Modifier::Idf {
                    vector = vector.modifier(edge::Modifier::Idf);
                }
                config = config.sparse_vector(name.as_str(), vector.build());
            }
            std::fs::create_dir_all(folder)?;
            Points::Indexed(Box::new(edge::EdgeShard::new(folder, config.build()).map_err(failed)?))
        };
        Ok(Self { asked, points, stale: AtomicBool::new(false) })
    }

    pub(crate) fn info(&self) -> Result<api::CollectionInfo, Status> {
        if self.stale.swap(false, Ordering::AcqRel)
            && let Points::Indexed(shard) = &self.points
        {
            shard.optimize().map_err(failed)?;
        }
        let asked = self.asked.clone();
        let params = api::CollectionParams {
            vectors_config: asked.vectors_config,
            sparse_vectors_config: asked.sparse_vectors_config,
            shard_number: asked.shard_number.unwrap_or(1),
            replication_factor: asked.replication_factor,
            write_consistency_factor: asked.write_consistency_factor,
            ..api::CollectionParams::default()
        };
        Ok(api::CollectionInfo {
            status: api::CollectionStatus::Green.into(),
            config: Some(api::CollectionConfig {
                params: Some(params),
                quantization_config: asked.quantization_config,
                ..api::CollectionConfig::default()
            }),
            ..api::CollectionInfo::default()
        })
    }

    pub(crate) fn index(&self, field: &str, kind: api::FieldType) -> Result<(), Status> {
        let Points::Indexed(shard) = &self.points else { return Ok(()) };
        let field_name = field.parse().map_err(|()| Status::invalid_argument("not a path"))?;
        let schema = match kind {
            api::FieldType::Keyword => edge::PayloadSchemaType::Keyword,
            api::FieldType::Integer => edge::PayloadSchemaType::Integer,
            _ => return Err(Status::unimplemented("indexes of other fields")),
        };
        let field_schema = Some(edge::PayloadFieldSchema::FieldType(schema));
        let create = edge::CreateIndex { field_name, field_schema };
        let create = edge::FieldIndexOperations::CreateIndex(create);
        shard.update(edge::UpdateOperation::FieldIndexOperation(create)).map_err(failed)
    }

    pub(crate) fn upsert(&self, points: Vec<api::PointStruct>) -> Result<(), Status> {
        self.stale.store(true, Ordering::Release);
        match &self.points {
            Points::Plain(stored) => {
                for point in points {
                    lock(stored).insert(uuid(point.id.as_ref())?, object(point.payload));
                }
                Ok(())
            }
            Points::Indexed(shard) => {
                let sizes = named(&self.asked);
                let points =
                    points.into_iter().map(|point| stored(point, &sizes)).collect::<Result<_, _>>()?;
                let insert = edge::PointInsertOperations::PointsList(points);
                let insert = edge::PointOperations::UpsertPoints(insert);
                shard.update(edge::UpdateOperation::PointOperation(insert)).map_err(failed)
            }
        }
    }

    pub(crate) fn delete(&self, ids: &[api::PointId]) -> Result<(), Status> {
        let Points::Plain(stored) = &self.points else { return Err(Status::unimplemented("delete")) };
        for id in ids {
            lock(stored).remove(&uuid(Some(id))?);
        }
        Ok(())
    }

    pub(crate) fn get(&self, ids: &[api::PointId]) -> Result<Vec<api::RetrievedPoint>, Status> {
        let ids = ids.iter().map(|id| uuid(Some(id))).collect::<Result<Vec<_>, _>>()?;
        match &self.points {
            Points::Plain(stored) => {
                let stored = lock(stored);
                let point = |id: &Uuid| Some(retrieved(*id, stored.get(id)?.clone(), None));
                Ok(ids.iter().filter_map(point).collect())
            }
            Points::Indexed(shard) => {
                let ids: Vec<_> = ids.into_iter().map(edge::PointId::Uuid).collect();
                let payload = Some(edge::WithPayloadInterface::Bool(true));
                let vectors = Some(edge::WithVector::Bool(true));
                let records = shard.retrieve(&ids, payload, vectors).map_err(failed)?;
                let names = named(&self.asked);
                let point = |record: edge::Record| {
                    let edge::PointId::Uuid(id) = record.id else { return None };
                    let mut vectors = HashMap::new();
                    for name in names.keys() {
                        let vector: &[f32] = record.get_vector_by_name(name)?.try_into().ok()?;
                        vectors.insert(name.clone(), dense_output(vector));
                    }
                    Some(retrieved(id, record.payload.unwrap_or_default().0, Some(vectors)))
                };
                Ok(records.into_iter().filter_map(point).collect())
            }
        }
    }

    /// Points without vectors by id, from `offset` on; and where the next page begins.
    pub(crate) fn scroll(
        &self,
        request: &api::ScrollPoints,
    ) -> Result<(Vec<api::RetrievedPoint>, Option<api::PointId>), Status> {
        let Points::Plain(stored) = &self.points else { return Err(Status::unimplemented("scroll")) };
        let from = request.offset.as_ref().map(|id| uuid(Some(id))).transpose()?.unwrap_or_default();
        let wanted = keywords(request.filter.as_ref())?;
        let stored = lock(stored);
        let matching = stored.range(from..).filter(|(_, payload)| {
            wanted.iter().all(|(key, values)| {
                payload
                    .get(key)
                    .and_then(Value::as_str)
                    .is_some_and(|value| values.iter().any(|one| one == value))
            })
        });
        let mut page: Vec<_> = matching.take(request.limit.unwrap_or(10) as usize + 1).collect();
        let next = if page.len() > request.limit.unwrap_or(10) as usize { page.pop() } else { None };
        let points = page.into_iter().map(|(id, payload)| retrieved(*id, payload.clone(), None)).collect();
        Ok((points, next.map(|(id, _)| id.to_string().into())))
    }

    pub(crate) fn count(&self) -> Result<usize, Status> {
        match &self.points {
            Points::Plain(stored) => Ok(lock(stored).len()),
            Points::Indexed(shard) => {
                shard.count(edge::CountRequest { filter: None, exact: true }).map_err(failed)
            }
        }
    }

    pub(crate) fn query(&self, request: &api::QueryPoints) -> Result<Vec<api::ScoredPoint>, Status> {
        let Points::Indexed(shard) = &self.points else { return Err(Status::invalid_argument("no vectors")) };
        let variant = request.query.as_ref().and_then(|query| query.variant.as_ref());
        let Some(api::query::Variant::Nearest(vector)) = variant else {
            return Err(Status::unimplemented("queries for anything but the nearest"));
        };
        let vector = match &vector.variant {
            Some(api::vector_input::Variant::Dense(dense)) => {
                let size = named(&self.asked).get(request.using()).map(|params| params.size as usize);
                if size != Some(dense.data.len()) {
                    return Err(Status::invalid_argument("Wrong input: Vector dimension error"));
                }
                edge::VectorInternal::Dense(dense.data.clone())
            }
            Some(api::vector_input::Variant::Sparse(sparse)) => {
                edge::VectorInternal::Sparse(edge::SparseVector {
                    indices: sparse.indices.clone(),
                    values: sparse.values.clone(),
                })
            }
            _ => return Err(Status::unimplemented("queries by anything but vectors")),
        };
        let query = edge::NamedQuery { query: vector, using: Some(request.using().into()) };
        let query = edge::QueryRequest {
            prefetches: Vec::new(),
            query: Some(edge::ScoringQuery::Vector(edge::QueryEnum::Nearest(query))),
            filter: filter(request.filter.as_ref())?,
            score_threshold: None,
            limit: request.limit.unwrap_or(10) as usize,
            offset: 0,
            params: request.params.as_ref().map(parameters),
            with_vector: edge::WithVector::Bool(false),
            with_payload: edge::WithPayloadInterface::Bool(false),
        };
        let points = shard.query(query).map_err(failed)?;
        let scored = |point: edge::ScoredPoint| match point.id {
            edge::PointId::Uuid(id) => Some(api::ScoredPoint {
                id: Some(id.to_string().into()),
                score: point.score,
                ..api::ScoredPoint::default()
            }),
            edge::PointId::NumId(_) => None,
        };
        Ok(points.into_iter().filter_map(scored).collect())
    }
}

fn parameters(asked: &api::SearchParams) -> edge::SearchParams {
    let quantization = asked.quantization.as_ref().map(|asked| edge::QuantizationSearchParams {
        ignore: asked.ignore.unwrap_or(false),
        rescore: asked.rescore,
        oversampling: asked.oversampling,
    });
    let acorn = asked.acorn.as_ref().map(|asked| edge::AcornSearchParams {
        enable: asked.enable.unwrap_or(false),
        max_selectivity: asked.max_selectivity.map(Into::into),
    });
    edge::SearchParams {
        hnsw_ef: asked.hnsw_ef.map(|ef| ef as usize),
        exact: asked.exact.unwrap_or(false),
        quantization,
        acorn,
        ..edge::SearchParams::default()
    }
}

/// How vectors are made smaller.
fn quantization(asked: &api::QuantizationConfig) -> Option<edge::QuantizationConfig> {
    match asked.quantization.as_ref()? {
        api::quantization_config::Quantization::Scalar(asked) => {
            Some(edge::QuantizationConfig::from(edge::ScalarQuantizationConfig {
                r#type: edge::ScalarType::Int8,
                quantile: asked.quantile,
                always_ram: Some(true),
            }))
        }
        api::quantization_config::Quantization::Binary(_) => {
            Some(edge::QuantizationConfig::from(edge::BinaryQuantizationConfig {
                always_ram: Some(true),
                encoding: None,
                query_encoding: None,
            }))
        }
        _ => None,
    }
}

/// The dense vectors of a collection, by name.
fn named(asked: &api::CreateCollection) -> HashMap<String, api::VectorParams> {
    match asked.vectors_config.as_ref().and_then(|config| config.config.as_ref()) {
        Some(api::vectors_config::Config::ParamsMap(map)) => map.map.clone(),
        _ => HashMap::new(),
    }
}

fn stored(
    point: api::PointStruct,
    sizes: &HashMap<String, api::VectorParams>,
) -> Result<edge::PointStructPersisted, Status> {
    let id = uuid(point.id.as_ref())?;
    let options = point.vectors.and_then(|vectors| vectors.vectors_options);
    let Some(api::vectors::VectorsOptions::Vectors(vectors)) = options else {
        return Err(Status::invalid_argument("Wrong input: Not existing vector name error"));
    };
    let mut named = Vec::new();
    for (name, vector) in vectors.vectors {
        let vector = match vector.vector {
            Some(api::vector::Vector::Dense(dense)) => {
                if sizes.get(&name).map(|params| params.size) != Some(dense.data.len() as u64) {
                    return Err(Status::invalid_argument("Wrong input: Vector dimension error"));
                }
                edge::Vector::new_dense(dense.data)
            }
            Some(api::vector::Vector::Sparse(sparse)) => {
                edge::Vector::new_sparse(sparse.indices, sparse.values).map_err(failed)?
            }
            _ => return Err(Status::unimplemented("other vectors")),
        };
        named.push((name, vector));
    }
    let payload = Value::Object(object(point.payload));
    Ok(edge::PointStruct::new(edge::PointId::Uuid(id), edge::Vectors::new_named(named), payload).into())
}

fn object(payload: HashMap<String, api::Value>) -> serde_json::Map<String, Value> {
    payload.into_iter().map(|(key, value)| (key, value.into_json())).collect()
}

fn retrieved(
    id: Uuid,
    payload: serde_json::Map<String, Value>,
    vectors: Option<HashMap<String, api::VectorOutput>>,
) -> api::RetrievedPoint {
    let vectors = vectors.map(|vectors| api::VectorsOutput {
        vectors_options: Some(api::vectors_output::VectorsOptions::Vectors(api::NamedVectorsOutput {
            vectors,
        })),
    });
    api::RetrievedPoint {
        id: Some(id.to_string().into()),
        payload: payload.into_iter().map(|(key, value)| (key, value.into())).collect(),
        vectors,
        ..api::RetrievedPoint::default()
    }
}

fn dense_output(vector: &[f32]) -> api::VectorOutput {
    let dense = api::DenseVector { data: vector.to_vec() };
    api::VectorOutput {
        vector: Some(api::vector_output::Vector::Dense(dense)),
        ..api::VectorOutput::default()
    }
}

/// The conditions of a filter, which must all hold: values that a key may have.
fn keywords(filter: Option<&api::Filter>) -> Result<Vec<(String, Vec<String>)>, Status> {
    let conditions = conditions(filter)?;
    conditions.iter().map(keyword).collect()
}

fn conditions(filter: Option<&api::Filter>) -> Result<Vec<api::condition::ConditionOneOf>, Status> {
    let Some(filter) = filter else { return Ok(Vec::new()) };
    if !filter.should.is_empty() || !filter.must_not.is_empty() || filter.min_should.is_some() {
        return Err(Status::unimplemented("filters of anything but `must`"));
    }
    Ok(filter.must.iter().filter_map(|condition| condition.condition_one_of.clone()).collect())
}

fn keyword(condition: &api::condition::ConditionOneOf) -> Result<(String, Vec<String>), Status> {
    use api::r#match::MatchValue;
    let api::condition::ConditionOneOf::Field(field) = condition else {
        return Err(Status::unimplemented("conditions of anything but fields"));
    };
    let values = match field.r#match.as_ref().and_then(|wanted| wanted.match_value.clone()) {
        Some(MatchValue::Keyword(value)) => vec![value],
        Some(MatchValue::Keywords(values)) => values.strings,
        _ => return Err(Status::unimplemented("conditions of anything but keywords")),
    };
    Ok((field.key.clone(), values))
}

/// The range that a field must be in.
fn range(condition: &api::condition::ConditionOneOf) -> Option<(&str, &api::Range)> {
    match condition {
        api::condition::ConditionOneOf::Field(field) => Some((&field.key, field.range.as_ref()?)),
        _ => None,
    }
}

fn filter(filter: Option<&api::Filter>) -> Result<Option<edge::Filter>, Status> {
    let mut must = Vec::new();
    for condition in conditions(filter)? {
        if let api::condition::ConditionOneOf::HasId(ids) = &condition {
            let ids = ids.has_id.iter().map(|id| Ok(edge::PointId::Uuid(uuid(Some(id))?)));
            let ids = ids.collect::<Result<Vec<_>, Status>>()?;
            must.push(edge::Condition::HasId(edge::HasIdCondition::from_iter(ids)));
        } else if let Some((key, range)) = range(&condition) {
            let range = json!({ "key": key, "range": { "gte": range.gte, "lt": range.lt } });
            must.push(edge::Condition::Field(serde_json::from_value(range).map_err(failed)?));
        } else {
            let (key, values) = keyword(&condition)?;
            let key = key.parse().map_err(|()| Status::invalid_argument("not a path"))?;
            let any = edge::MatchAny { any: edge::AnyVariants::Strings(values.into_iter().collect()) };
            must.push(edge::Condition::Field(edge::FieldCondition::new_match(key, edge::Match::Any(any))));
        }
    }
    Ok((!must.is_empty()).then(|| edge::Filter {
        should: None,
        min_should: None,
        must: Some(must),
        must_not: None,
    }))
}

fn uuid(id: Option<&api::PointId>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.point_id_options.as_ref()) {
        Some(api::point_id::PointIdOptions::Uuid(id)) => {
            id.parse().map_err(|_| Status::invalid_argument("Unable to parse UUID"))
        }
        _ => Err(Status::unimplemented("numbers as ids")),
    }
}

fn failed(error: impl std::fmt::Display) -> Status {
    Status::internal(error.to_string())
}
