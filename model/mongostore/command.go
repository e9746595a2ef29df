package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"wxhub/model"
)

// unavailable keeps the driver's error as the private cause.
func unavailable(op string, err error) error {
	return model.ErrUnavailable.Because(fmt.Errorf("mongostore: %s: %w", op, err))
}

// insert stores a new document; false when its _id is taken.
func insert(ctx context.Context, c *mongo.Collection, document any) (bool, error) {
	_, err := c.InsertOne(ctx, document)
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	if err != nil {
		return false, unavailable("insert into "+c.Name(), err)
	}
	return true, nil
}

// find returns one document, or model.ErrNotFound. After insert said that an _id
// is taken, its document is found: MongoDB refuses a duplicate only after the
// majority that reads ask for has the first one.
func find[T any](ctx context.Context, c *mongo.Collection, id string) (document T, err error) {
	err = c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&document)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return document, model.ErrNotFound
	}
	if err != nil {
		return document, unavailable("find in "+c.Name(), err)
	}
	return document, nil
}

// findAll returns the documents of a query in the order of its keys.
func findAll[T any](ctx context.Context, c *mongo.Collection, filter, sort bson.D, limit int) ([]T, error) {
	cursor, err := c.Find(ctx, filter, options.Find().SetSort(sort).SetLimit(int64(limit)))
	if err != nil {
		return nil, unavailable("query "+c.Name(), err)
	}
	var documents []T
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, unavailable("query "+c.Name(), err)
	}
	return documents, nil
}

// replace stores a document in place of the given version; else model.ErrStale or
// model.ErrNotFound.
func replace(ctx context.Context, c *mongo.Collection, id string, version int64, document any) error {
	result, err := c.ReplaceOne(ctx, ofVersion(id, version), document)
	if err != nil {
		return unavailable("replace in "+c.Name(), err)
	}
	if result.MatchedCount == 1 {
		return nil
	}
	// Documents are never deleted, so looking afterwards gives the right answer.
	if _, err := find[bson.Raw](ctx, c, id); err != nil {
		return err
	}
	return model.ErrStale
}

func ofVersion(id string, version int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}
}

// keys sorts by fields, ascending.
func keys(fields ...string) (sort bson.D) {
	for _, f := range fields {
		sort = append(sort, bson.E{Key: f, Value: 1})
	}
	return sort
}
