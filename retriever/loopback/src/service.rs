//! The protocol.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use qdrant_client::qdrant as api;
use qdrant_client::qdrant::collections_server::Collections;
use qdrant_client::qdrant::points_server::Points;
use qdrant_client::qdrant::qdrant_server::Qdrant;
use tonic::{Request, Response, Status, async_trait};

use crate::collection::Collection;
use crate::{State, lock};

#[derive(Clone)]
pub(crate) struct Service(pub(crate) Arc<State>);

/// Methods that citedesk does not call.
macro_rules! absent {
    ($($name:ident($request:ident) -> $response:ident;)*) => {$(
        fn $name<'this, 'call>(
            &'this self,
            _: Request<api::$request>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<api::$response>, Status>> + Send + 'call>>
        where
            'this: 'call,
            Self: 'call,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($name))) })
        }
    )*};
}

fn done() -> Response<api::PointsOperationResponse> {
    let status = api::UpdateStatus::Completed.into();
    let result = Some(api::UpdateResult { operation_id: None, status });
    Response::new(api::PointsOperationResponse { result, ..api::PointsOperationResponse::default() })
}

#[async_trait]
impl Points for Service {
    async fn upsert(
        &self,
        request: Request<api::UpsertPoints>,
    ) -> Result<Response<api::PointsOperationResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        self.0.collection(&request.collection_name)?.upsert(request.points)?;
        Ok(done())
    }

    async fn delete(
        &self,
        request: Request<api::DeletePoints>,
    ) -> Result<Response<api::PointsOperationResponse>, Status> {
        use api::points_selector::PointsSelectorOneOf;
        self.0.enter(&request)?;
        let request = request.into_inner();
        match request.points.and_then(|points| points.points_selector_one_of) {
            Some(PointsSelectorOneOf::Points(points)) => {
                self.0.collection(&request.collection_name)?.delete(&points.ids)?;
                Ok(done())
            }
            _ => Err(Status::unimplemented("deleting by filter")),
        }
    }

    async fn get(&self, request: Request<api::GetPoints>) -> Result<Response<api::GetResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        let result = self.0.collection(&request.collection_name)?.get(&request.ids)?;
        Ok(Response::new(api::GetResponse { result, ..api::GetResponse::default() }))
    }

    async fn create_field_index(
        &self,
        request: Request<api::CreateFieldIndexCollection>,
    ) -> Result<Response<api::PointsOperationResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        self.0.collection(&request.collection_name)?.index(&request.field_name, request.field_type())?;
        Ok(done())
    }

    async fn scroll(
        &self,
        request: Request<api::ScrollPoints>,
    ) -> Result<Response<api::ScrollResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        let (result, next_page_offset) = self.0.collection(&request.collection_name)?.scroll(&request)?;
        Ok(Response::new(api::ScrollResponse { result, next_page_offset, ..api::ScrollResponse::default() }))
    }

    async fn count(
        &self,
        request: Request<api::CountPoints>,
    ) -> Result<Response<api::CountResponse>, Status> {
        self.0.enter(&request)?;
        let count = self.0.collection(&request.into_inner().collection_name)?.count()? as u64;
        let result = Some(api::CountResult { count });
        Ok(Response::new(api::CountResponse { result, ..api::CountResponse::default() }))
    }

    async fn query_batch(
        &self,
        request: Request<api::QueryBatchPoints>,
    ) -> Result<Response<api::QueryBatchResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        let collection = self.0.collection(&request.collection_name)?;
        let answer = |query| Ok(api::BatchResult { result: collection.query(query)? });
        let result = request.query_points.iter().map(answer).collect::<Result<_, Status>>()?;
        Ok(Response::new(api::QueryBatchResponse { result, ..api::QueryBatchResponse::default() }))
    }

    absent! {
        update_vectors(UpdatePointVectors) -> PointsOperationResponse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
        search(SearchPoints) -> SearchResponse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse;
        recommend(RecommendPoints) -> RecommendResponse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
        discover(DiscoverPoints) -> DiscoverResponse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse;
        query(QueryPoints) -> QueryResponse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse;
        facet(FacetCounts) -> FacetResponse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
    }
}

fn changed() -> Response<api::CollectionOperationResponse> {
    Response::new(api::CollectionOperationResponse { result: true, time: 0.0 })
}

#[async_trait]
impl Collections for Service {
    async fn get(
        &self,
        request: Request<api::GetCollectionInfoRequest>,
    ) -> Result<Response<api::GetCollectionInfoResponse>, Status> {
        self.0.enter(&request)?;
        let info = self.0.collection(&request.into_inner().collection_name)?.info()?;
        Ok(Response::new(api::GetCollectionInfoResponse { result: Some(info), time: 0.0 }))
    }

    async fn list(
        &self,
        request: Request<api::ListCollectionsRequest>,
    ) -> Result<Response<api::ListCollectionsResponse>, Status> {
        self.0.enter(&request)?;
        let names = lock(&self.0.collections);
        let collections =
            names.keys().map(|name| api::CollectionDescription { name: name.clone() }).collect();
        Ok(Response::new(api::ListCollectionsResponse { collections, time: 0.0 }))
    }

    async fn create(
        &self,
        request: Request<api::CreateCollection>,
    ) -> Result<Response<api::CollectionOperationResponse>, Status> {
        self.0.enter(&request)?;
        let request = request.into_inner();
        let name = request.collection_name.clone();
        let mut collections = lock(&self.0.collections);
        if collections.contains_key(&name) || lock(&self.0.aliases).contains_key(&name) {
            return Err(Status::invalid_argument(format!(
                "Wrong input: Collection `{name}` already exists!"
            )));
        }
        // A name may be used again.
        let number = self.0.calls.load(Ordering::Relaxed);
        let folder = self.0.folder.path().join(format!("{name}-{number}"));
        let collection = Collection::create(&folder, request)?;
        collections.insert(name, Arc::new(collection));
        Ok(changed())
    }

    async fn delete(
        &self,
        request: Request<api::DeleteCollection>,
    ) -> Result<Response<api::CollectionOperationResponse>, Status> {
        self.0.enter(&request)?;
        let name = request.into_inner().collection_name;
        lock(&self.0.collections).remove(&name);
        lock(&self.0.aliases).retain(|_, target| *target != name);
        Ok(changed())
    }

    async fn update_aliases(
        &self,
        request: Request<api::ChangeAliases>,
    ) -> Result<Response<api::CollectionOperationResponse>, Status> {
        use api::alias_operations::Action;
        self.0.enter(&request)?;
        let mut aliases = lock(&self.0.aliases);
        for action in request.into_inner().actions {
            match action.action {
                Some(Action::CreateAlias(create)) => {
                    if !lock(&self.0.collections).contains_key(&create.collection_name) {
                        return Err(Status::not_found(format!(
                            "Not found: Collection `{}` doesn't exist!",
                            create.collection_name
                        )));
                    }
                    aliases.insert(create.alias_name, create.collection_name);
                }
                Some(Action::DeleteAlias(delete)) => drop(aliases.remove(&delete.alias_name)),
                _ => return Err(Status::unimplemented("renaming aliases")),
            }
        }
        Ok(changed())
    }

    async fn list_aliases(
        &self,
        request: Request<api::ListAliasesRequest>,
    ) -> Result<Response<api::ListAliasesResponse>, Status> {
        self.0.enter(&request)?;
        let aliases = lock(&self.0.aliases);
        let describe = |(alias, collection): (&String, &String)| api::AliasDescription {
            alias_name: alias.clone(),
            collection_name: collection.clone(),
        };
        Ok(Response::new(api::ListAliasesResponse {
            aliases: aliases.iter().map(describe).collect(),
            time: 0.0,
        }))
    }

    async fn collection_exists(
        &self,
        request: Request<api::CollectionExistsRequest>,
    ) -> Result<Response<api::CollectionExistsResponse>, Status> {
        self.0.enter(&request)?;
        let exists = lock(&self.0.collections).contains_key(&request.into_inner().collection_name);
        let result = Some(api::CollectionExists { exists });
        Ok(Response::new(api::CollectionExistsResponse { result, time: 0.0 }))
    }

    absent! {
        update(UpdateCollection) -> CollectionOperationResponse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
    }
}

#[async_trait]
impl Qdrant for Service {
    async fn health_check(
        &self,
        request: Request<api::HealthCheckRequest>,
    ) -> Result<Response<api::HealthCheckReply>, Status> {
        self.0.enter(&request)?;
        let reply =
            api::HealthCheckReply { title: "loopback".to_owned(), ..api::HealthCheckReply::default() };
        Ok(Response::new(reply))
    }
}
