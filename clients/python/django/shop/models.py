"""The models of a small shop."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Author(models.Model):
    name = models.CharField(max_length=50, unique=True)
    born = models.IntegerField()


class Tag(models.Model):
    word = models.SlugField(unique=True)


class Book(models.Model):
    title = models.CharField(max_length=100, db_index=True)
    author = models.ForeignKey(Author, models.PROTECT, related_name="books")
    tags = models.ManyToManyField(Tag, related_name="books")
    pages = models.PositiveIntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    isbn = models.CharField(max_length=20)
    published = models.DateField()
    rating = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pages__gt=0), name="pages_are_some"),
            models.UniqueConstraint(fields=["isbn"], condition=~Q(isbn=""), name="isbn_once"),
        ]
        indexes = [models.Index(fields=["-published", "title"], name="book_by_year")]


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    stars = models.SmallIntegerField()


class Everything(models.Model):
    flag = models.BooleanField(null=True)
    small = models.SmallIntegerField(db_default=7)
    big = models.BigIntegerField(null=True)
    real = models.FloatField(null=True)
    number = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    text = models.TextField(default="")
    data = models.BinaryField(null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    length = models.DurationField(null=True)
    key = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    document = models.JSONField(default=dict)
    words = ArrayField(models.TextField(), default=list)
    grid = ArrayField(ArrayField(models.IntegerField()), null=True)
    doubled = models.GeneratedField(expression=F("small") * 2, output_field=models.IntegerField(), db_persist=True)
