//! A Qdrant server or cluster: one collection, searched by gRPC.

use std::collections::HashMap;
use std::sync::Arc;

use corpus::{Chunk, ChunkId};
use qdrant_client::Payload;
use qdrant_client::qdrant::{
    AcornSearchParamsBuilder, BinaryQuantizationBuilder, Condition, CountPointsBuilder,
    CreateCollectionBuilder, Distance, FieldType, Filter as ServerFilter, GetPointsBuilder, Modifier,
    NamedVectors, PointId, PointStruct, QuantizationSearchParamsBuilder, QuantizationType, Query,
    QueryBatchPoints, QueryPoints, QueryPointsBuilder, Range, RetrievedPoint, ScalarQuantizationBuilder,
    ScoredPoint, SearchParamsBuilder, SparseVectorParamsBuilder, SparseVectorsConfigBuilder, Vector,
    VectorInput, VectorParamsBuilder, VectorsConfigBuilder, VectorsSelector,
};

use super::{
    CHUNK, DENSE, Hit, Index, IndexWriter, MODIFIED, OVERSAMPLING, Point, Quantization, TAGS, TERMS, Wanted,
    beam, in_order, payload,
};
use crate::Error;
use crate::search::Filter;
use crate::server::{Connection, READING, Server, uuid_of};
use crate::sparse::Sparse;

/// Points that are read at once.
const READ: usize = 256;

/// Fills a new collection.
pub(crate) struct ServerWriter {
    connection: Arc<Connection>,
    collection: String,
}

impl ServerWriter {
    /// A new collection for vectors of `dimension` numbers.
    pub(crate) fn create(
        connection: Arc<Connection>,
        collection: String,
        server: &Server,
        dimension: usize,
        quantization: Quantization,
    ) -> Result<Self, Error> {
        let mut vectors = VectorsConfigBuilder::default();
        let dense = VectorParamsBuilder::new(dimension as u64, Distance::Cosine).on_disk(server.on_disk);
        vectors.add_named_vector_params(DENSE, dense);
        let mut sparse = SparseVectorsConfigBuilder::default();
        sparse.add_named_vector_params(TERMS, SparseVectorParamsBuilder::default().modifier(Modifier::Idf));
        let request =
            CreateCollectionBuilder::new(&collection).vectors_config(vectors).sparse_vectors_config(sparse);
        let request = match quantization {
            Quantization::None => request,
            Quantization::Int8 => request.quantization_config(
                ScalarQuantizationBuilder::default()
                    .r#type(QuantizationType::Int8.into())
                    .quantile(0.99)
                    .always_ram(true),
            ),
            Quantization::Binary => request.quantization_config(BinaryQuantizationBuilder::new(true)),
        };
        connection.create(server, request, &[(TAGS, FieldType::Keyword), (MODIFIED, FieldType::Integer)])?;
        Ok(Self { connection, collection })
    }
}

impl IndexWriter for ServerWriter {
    fn insert(&mut self, points: Vec<Point>) -> Result<(), Error> {
        let points = points.into_iter().map(stored).collect::<Result<Vec<_>, _>>()?;
        self.connection.upsert("store chunks", &self.collection, points)
    }

    fn finish(self) -> Result<(), Error> {
        Ok(())
    }
}

fn stored(point: Point) -> Result<PointStruct, Error> {
    let Point { chunk, dense, sparse } = point;
    let unusable = |problem: String| Error::Engine { action: "store chunks", problem };
    let payload = payload(&chunk).map_err(|error| unusable(error.to_string()))?;
    let payload = Payload::try_from(payload).map_err(|error| unusable(error.to_string()))?;
    let vectors = NamedVectors::default()
        .add_vector(DENSE, Vector::new_dense(dense))
        .add_vector(TERMS, Vector::new_sparse(sparse.terms, sparse.weights));
    Ok(PointStruct::new(chunk.id.0.to_string(), vectors, payload))
}

/// Searches a collection that no longer changes.
pub(crate) struct ServerIndex {
    connection: Arc<Connection>,
    collection: String,
}

impl ServerIndex {
    /// The collection, whose vectors must have `dimension` numbers.
    pub(crate) fn open(
        connection: Arc<Connection>,
        collection: String,
        dimension: usize,
    ) -> Result<Self, Error> {
        let name = collection.clone();
        let info = connection.call("open the index", READING, move |client| {
            let name = name.clone();
            async move { client.collection_info(name).await }
        })?;
        let found = size_of_vectors(info.result.unwrap_or_default());
        if found != Some(dimension as u64) {
            let problem = match found {
                Some(found) => format!("its vectors have {found} numbers instead of {dimension}"),
                None => format!("it has no vectors named {DENSE}"),
            };
            return Err(Error::damaged(collection.as_ref(), problem));
        }
        Ok(Self { connection, collection })
    }

    fn nearest_query(&self, vector: &[f32], wanted: &Wanted, limit: usize) -> QueryPoints {
        let quantization =
            QuantizationSearchParamsBuilder::default().rescore(true).oversampling(OVERSAMPLING);
        // Not every point's neighbors pass a filter; their neighbors may.
        let acorn = AcornSearchParamsBuilder::new(!wanted.is_empty());
        let params = SearchParamsBuilder::default()
            .hnsw_ef(beam(!wanted.is_empty()).max(limit) as u64)
            .acorn(acorn)
            .quantization(quantization);
        self.query(Query::new_nearest(vector.to_vec()), DENSE, wanted, limit).params(params).build()
    }

    fn matching_query(&self, question: &Sparse, wanted: &Wanted, limit: usize) -> QueryPoints {
        let vector = VectorInput::new_sparse(question.terms.clone(), question.weights.clone());
        self.query(Query::new_nearest(vector), TERMS, wanted, limit).build()
    }

    fn query(&self, query: Query, using: &str, wanted: &Wanted, limit: usize) -> QueryPointsBuilder {
        let request = QueryPointsBuilder::new(&self.collection).query(query).using(using).limit(limit as u64);
        match filter(wanted) {
            Some(filter) => request.filter(filter),
            None => request,
        }
    }

    /// The hits of each query, in one message.
    fn ask(&self, queries: Vec<QueryPoints>) -> Result<Vec<Vec<Hit>>, Error> {
        let count = queries.len();
        let batch = QueryBatchPoints {
            collection_name: self.collection.clone(),
            query_points: queries,
            ..Default::default()
        };
        let answer = self.connection.call("search", READING, move |client| {
            let batch = batch.clone();
            async move { client.query_batch(batch).await }
        })?;
        if answer.result.len() != count {
            let problem = format!("{} answers to {count} queries", answer.result.len());
            return Err(Error::Engine { action: "search", problem });
        }
        Ok(answer
            .result
            .into_iter()
            .map(|one| in_order(one.result.iter().filter_map(hit).collect()))
            .collect())
    }

    fn points(
        &self,
        ids: &[ChunkId],
        with_payload: bool,
        with_vectors: bool,
    ) -> Result<HashMap<ChunkId, RetrievedPoint>, Error> {
        let mut points = HashMap::new();
        for ids in ids.chunks(READ) {
            let ids: Vec<PointId> = ids.iter().map(|id| id.0.to_string().into()).collect();
            let request = GetPointsBuilder::new(&self.collection, ids).with_payload(with_payload);
            let request = if with_vectors {
                request.with_vectors(VectorsSelector { names: vec![DENSE.to_owned()] })
            } else {
                request
            };
            let request = request.build();
            let answer = self.connection.call("read chunks", READING, move |client| {
                let request = request.clone();
                async move { client.get_points(request).await }
            })?;
            let known = answer.result.into_iter();
            points.extend(known.filter_map(|point| Some((ChunkId(uuid_of(point.id.as_ref())?), point))));
        }
        Ok(points)
    }
}

impl Index for ServerIndex {
    fn count(&self) -> Result<usize, Error> {
        let request = CountPointsBuilder::new(&self.collection).exact(true).build();
        let answer = self.connection.call("count chunks", READING, move |client| {
            let request = request.clone();
            async move { client.count(request).await }
        })?;
        Ok(answer.result.map_or(0, |result| result.count as usize))
    }

    fn nearest(&self, vector: &[f32], filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error> {
        let hits = self.ask(vec![self.nearest_query(vector, &Wanted::by(filters)?, limit)])?;
        Ok(hits.into_iter().next().unwrap_or_default())
    }

    fn matching(&self, question: &Sparse, filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error> {
        if question.is_empty() {
            return Ok(Vec::new());
        }
        let hits = self.ask(vec![self.matching_query(question, &Wanted::by(filters)?, limit)])?;
        Ok(hits.into_iter().next().unwrap_or_default())
    }

    fn both(
        &self,
        vector: &[f32],
        question: &Sparse,
        filters: &[Filter],
        limit: usize,
    ) -> Result<(Vec<Hit>, Vec<Hit>), Error> {
        let wanted = Wanted::by(filters)?;
        let mut queries = vec![self.nearest_query(vector, &wanted, limit)];
        if !question.is_empty() {
            queries.push(self.matching_query(question, &wanted, limit));
        }
        let mut hits = self.ask(queries)?.into_iter();
        Ok((hits.next().unwrap_or_default(), hits.next().unwrap_or_default()))
    }

    fn similarities(&self, vector: &[f32], ids: &[ChunkId]) -> Result<Vec<Hit>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let points: Vec<PointId> = ids.iter().map(|id| id.0.to_string().into()).collect();
        let full = QuantizationSearchParamsBuilder::default().ignore(true);
        let query = QueryPointsBuilder::new(&self.collection)
            .query(Query::new_nearest(vector.to_vec()))
            .using(DENSE)
            .filter(ServerFilter::must([Condition::has_id(points)]))
            .params(SearchParamsBuilder::default().exact(true).quantization(full))
            .limit(ids.len() as u64);
        Ok(self.ask(vec![query.build()])?.into_iter().next().unwrap_or_default())
    }

    fn vectors(&self, ids: &[ChunkId]) -> Result<Vec<(ChunkId, Vec<f32>)>, Error> {
        let mut points = self.points(ids, false, true)?;
        let vector = |id: &ChunkId| Some((*id, dense(points.remove(id)?)?));
        Ok(ids.iter().filter_map(vector).collect())
    }

    fn chunks(&self, ids: &[ChunkId]) -> Result<Vec<Chunk>, Error> {
        let mut points = self.points(ids, true, false)?;
        let points = ids.iter().filter_map(|id| points.remove(id));
        points
            .map(|mut point| {
                let chunk = point.payload.remove(CHUNK).unwrap_or_default().into_json();
                serde_json::from_value(chunk).map_err(|error| {
                    Error::corrupt(self.collection.as_ref(), "a point holds no chunk", error)
                })
            })
            .collect()
    }
}

fn hit(point: &ScoredPoint) -> Option<Hit> {
    Some(Hit { id: ChunkId(uuid_of(point.id.as_ref())?), score: point.score })
}

fn dense(point: RetrievedPoint) -> Option<Vec<f32>> {
    use qdrant_client::qdrant::vector_output::Vector as Output;
    match point.vectors?.get_vector_by_name(DENSE)? {
        Output::Dense(dense) => Some(dense.data),
        _ => None,
    }
}

fn size_of_vectors(info: qdrant_client::qdrant::CollectionInfo) -> Option<u64> {
    use qdrant_client::qdrant::vectors_config::Config;
    match info.config?.params?.vectors_config?.config? {
        Config::ParamsMap(map) => map.map.get(DENSE).map(|params| params.size),
        Config::Params(_) => None,
    }
}

fn filter(wanted: &Wanted) -> Option<ServerFilter> {
    let one_of = |values: &Vec<String>| Condition::matches(TAGS, values.clone());
    let mut must: Vec<Condition> = wanted.tags.iter().map(one_of).collect();
    if wanted.since.is_some() || wanted.until.is_some() {
        let second = |second: Option<i64>| second.map(|second| second as f64);
        let range = Range { gte: second(wanted.since), lt: second(wanted.until), ..Range::default() };
        must.push(Condition::range(MODIFIED, range));
    }
    (!must.is_empty()).then(|| ServerFilter::must(must))
}
