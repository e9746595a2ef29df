package mongostore

import (
	"context"
	"errors"
	"fmt"
	"time"

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
// is taken, its document is found unless it was deleted meanwhile: MongoDB refuses a
// duplicate only after the majority that reads ask for has the first one.
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

// findModels is findAll with the records turned into what they stand for.
func findModels[R, M any](ctx context.Context, c *mongo.Collection, filter, sort bson.D, limit int, of func(R) M) ([]M, error) {
	records, err := findAll[R](ctx, c, filter, sort, limit)
	var models []M
	for _, r := range records {
		models = append(models, of(r))
	}
	return models, err
}

// replace stores a document in place of the one that a filter, which begins with its
// _id, finds; else model.ErrStale or model.ErrNotFound.
func replace(ctx context.Context, c *mongo.Collection, read bson.D, document any) error {
	result, err := c.ReplaceOne(ctx, read, document)
	if err != nil {
		return unavailable("replace in "+c.Name(), err)
	}
	if result.MatchedCount == 1 {
		return nil
	}
	return staleOrMissing(ctx, c, read)
}

// remove deletes the document that a filter, which begins with its _id, finds; else
// model.ErrStale. What is not there need not be deleted.
func remove(ctx context.Context, c *mongo.Collection, read bson.D) error {
	result, err := c.DeleteOne(ctx, read)
	if err != nil {
		return unavailable("delete in "+c.Name(), err)
	}
	if result.DeletedCount == 1 {
		return nil
	}
	if err := staleOrMissing(ctx, c, read); !errors.Is(err, model.ErrNotFound) {
		return err
	}
	return nil
}

// staleOrMissing says why a conditional write changed nothing. When the document is
// deleted in between, missing is as true as stale was.
func staleOrMissing(ctx context.Context, c *mongo.Collection, read bson.D) error {
	if _, err := find[bson.Raw](ctx, c, read[0].Value.(string)); err != nil {
		return err
	}
	return model.ErrStale
}

func ofVersion(id string, version int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "version", Value: version}}
}

// purge removes at most limit documents that a filter finds, the smallest of a field
// first. What it finds is only removed while the filter still holds.
func purge(ctx context.Context, c *mongo.Collection, filter bson.D, by string, limit int) (int, error) {
	found, err := findAll[boxRecord](ctx, c, filter, keys(by, "_id"), limit)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	var ids []string
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	result, err := c.DeleteMany(ctx, append(filter, among("_id", ids)))
	if err != nil {
		return 0, unavailable("purge "+c.Name(), err)
	}
	return int(result.DeletedCount), nil
}

// keys sorts by fields, ascending.
func keys(fields ...string) (sort bson.D) {
	for _, f := range fields {
		sort = append(sort, bson.E{Key: f, Value: 1})
	}
	return sort
}

// among is the condition that a field has one of some values, which must not be none.
func among(field string, values []string) bson.E {
	return bson.E{Key: field, Value: bson.D{{Key: "$in", Value: values}}}
}

// ceilMilli rounds up, as dates have milliseconds: what was created within the last,
// begun millisecond before t still counts as before t.
func ceilMilli(t time.Time) time.Time { return t.Add(time.Millisecond - time.Nanosecond) }
