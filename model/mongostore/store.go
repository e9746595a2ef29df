package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
)

const (
	// selectionTimeout is how long a call waits for a primary, an election included.
	selectionTimeout = 5 * time.Second
	// callTimeout bounds calls whose context has no deadline.
	callTimeout = 15 * time.Second
)

// Store is one database of a MongoDB deployment. Its methods may be called from
// any number of goroutines.
type Store struct {
	client     *mongo.Client
	users      *mongo.Collection
	identities *mongo.Collection
	unions     *mongo.Collection
	conflicts  *mongo.Collection
	orders     *mongo.Collection
	transfers  *mongo.Collection
	combined   *mongo.Collection
	applyments *mongo.Collection
	claims     *mongo.Collection
	tasks      *mongo.Collection
	cursors    *mongo.Collection
	deliveries *mongo.Collection

	differences *mongo.Collection
	statements  *mongo.Collection
}

// Open connects to the deployment of a mongodb:// or mongodb+srv:// URI and makes
// missing indexes. The path of the URI names the database ("wxhub" without one).
// A URI that cannot be used gives an error with code "store_unusable" that says
// what to do, a deployment that does not answer gives model.ErrUnavailable.
func Open(ctx context.Context, uri string) (*Store, error) {
	o, name, err := parse(uri)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, unavailable("connect", err)
	}
	db := client.Database(name)
	s := &Store{
		client:     client,
		users:      db.Collection("users"),
		identities: db.Collection("identities"),
		unions:     db.Collection("unions"),
		conflicts:  db.Collection("conflicts"),
		orders:     db.Collection("orders"),
		transfers:  db.Collection("transfers"),
		combined:   db.Collection("combined_orders"),
		applyments: db.Collection("applyments"),
		claims:     db.Collection("idempotent_orders"),
		tasks:      db.Collection("tasks"),
		cursors:    db.Collection("cursors"),
		deliveries: db.Collection("deliveries"),

		differences: db.Collection("differences"),
		statements:  db.Collection("statements"),
	}
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.createIndexes(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the connections, after the calls in progress.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil {
		return unavailable("close", err)
	}
	return nil
}

// Ping reports whether the primary answers: nil or model.ErrUnavailable.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx, readpref.Primary()); err != nil {
		return unavailable("ping", err)
	}
	return nil
}
