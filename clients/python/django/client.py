"""Django: migrations of its own applications and of ours, the ORM over every kind of field that we use, transactions, constraints."""

import datetime as dt
import decimal
import os
import sys
import threading
import uuid
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import django
from django.conf import settings

url = urlsplit(sys.argv[1])
DATABASE = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": url.path[1:],
    "USER": url.username,
    "HOST": url.hostname,
    "PORT": url.port,
}
settings.configure(
    DATABASES={"default": DATABASE, "pooled": DATABASE | {"OPTIONS": {"server_side_binding": True}}},
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.postgres",
        "django.contrib.sessions",
        "django.contrib.sites",
        "shop",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    SECRET_KEY="of no use",
    TIME_ZONE="Europe/Vienna",
    USE_TZ=True,
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
os.environ.pop("DJANGO_SETTINGS_MODULE", None)
django.setup()

from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.aggregates import ArrayAgg, StringAgg
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Avg, Case, Count, Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Coalesce, Concat, ExtractYear, Lower, Rank, RowNumber, TruncMonth
from django.db.utils import DataError

from checks import end, fails, same
from shop.models import Author, Book, Everything, Review, Tag

D = decimal.Decimal
MOMENT = dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.timezone.utc)


def migrations():
    call_command("migrate", verbosity=0)
    tables = set(connection.introspection.table_names())
    same("tables", {"auth_user", "django_admin_log", "django_session", "shop_book"} <= tables, True)
    executor = MigrationExecutor(connection)
    same("nothing left", executor.migration_plan(executor.loader.graph.leaf_nodes()), [])
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    print("ok nothing to make", flush=True)
    call_command("migrate", "shop", "0002", verbosity=0)
    same("back", "rating" in columns("shop_book"), False)
    call_command("migrate", "shop", verbosity=0)
    same("forth", "rating" in columns("shop_book"), True)
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "shop_book")
    same("constraints", sorted(n for n in constraints if not n.startswith("shop_book_author") and not n.startswith("shop_book_tit")),
         ["book_by_year", "isbn_once", "pages_are_some", "shop_book_pages_check", "shop_book_pkey"])
    same("check", constraints["pages_are_some"]["check"], True)
    same("index", (constraints["book_by_year"]["columns"], constraints["book_by_year"]["orders"]), (["published", "title"], ["DESC", "ASC"]))
    with connection.cursor() as cursor:
        relations = connection.introspection.get_relations(cursor, "shop_book")
        sequences = connection.introspection.get_sequences(cursor, "shop_book")
        primary = connection.introspection.get_primary_key_columns(cursor, "shop_book")
    same("relations", relations, {"author_id": ("id", "shop_author")})
    same("sequences", [(s["table"], s["column"]) for s in sequences], [("shop_book", "id")])
    same("primary key", primary, ["id"])
    call_command("inspectdb", stdout=open(os.devnull, "w"))
    print("ok inspectdb", flush=True)
    same("permissions", Permission.objects.filter(content_type__app_label="shop").count(), 5 * 4)


def columns(table):
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def rows():
    ada = Author.objects.create(name="Ada", born=1815)
    bob = Author.objects.create(name="Bob", born=1950)
    same("ids", (ada.pk, bob.pk), (1, 2))
    books = Book.objects.bulk_create(
        [
            Book(title=f"Title {i}", author=ada if i % 3 else bob, pages=100 + i, price=D(i) / 4, isbn=f"isbn{i}",
                 published=dt.date(2000 + i % 5, 1 + i % 12, 1))
            for i in range(60)
        ],
        batch_size=25,
    )
    same("bulk_create", (len(books), all(book.pk for book in books)), (60, True))
    same("count", Book.objects.count(), 60)
    for book in books:
        book.pages += 1
    same("bulk_update", Book.objects.bulk_update(books, ["pages"], batch_size=30), 60)
    same("get", Book.objects.get(isbn="isbn7").pages, 108)
    same("filter", Book.objects.filter(pages__gte=150, author__name__startswith="A").count(), 8)
    same("icontains", Book.objects.filter(title__icontains="TITLE 5").count(), 11)
    same("regex", Book.objects.filter(title__iregex=r"^title [12]$").count(), 2)
    same("in", Book.objects.filter(author__in=Author.objects.filter(born__lt=1900)).count(), 40)
    same("exclude", Book.objects.exclude(Q(pages__lt=120) | Q(author=bob)).count(), 28)
    same("F", Book.objects.filter(pages__gt=F("price") * 20).count(), 26)
    same("values_list", list(Book.objects.order_by("-pages").values_list("title", flat=True)[:2]), ["Title 59", "Title 58"])
    same("update", Book.objects.filter(author=bob).update(price=F("price") + 1), 20)
    same("dates", [d.year for d in Book.objects.dates("published", "year")], [2000, 2001, 2002, 2003, 2004])
    same("distinct on", Book.objects.order_by("author", "-pages").distinct("author").count(), 2)
    same("select_related", Book.objects.select_related("author").get(isbn="isbn0").author.name, "Bob")
    same("iterator", sum(1 for _ in Book.objects.iterator(chunk_size=7)), 60)
    same("get_or_create", Author.objects.get_or_create(name="Ada", defaults={"born": 1})[1], False)
    same("update_or_create", Author.objects.update_or_create(name="Cy", defaults={"born": 2000})[1], True)
    conflicts = Author.objects.bulk_create(
        [Author(name="Ada", born=1816), Author(name="Dee", born=1999)],
        update_conflicts=True, unique_fields=["name"], update_fields=["born"],
    )
    same("update_conflicts", (len(conflicts), Author.objects.get(name="Ada").born), (2, 1816))
    Author.objects.bulk_create([Author(name="Ada", born=1)], ignore_conflicts=True)
    same("ignore_conflicts", Author.objects.get(name="Ada").born, 1816)
    tags = [Tag.objects.create(word=word) for word in ("red", "green")]
    books[0].tags.set(tags)
    books[1].tags.add(tags[0])
    same("many to many", list(tags[0].books.order_by("pk").values_list("isbn", flat=True)), ["isbn0", "isbn1"])
    prefetched = Author.objects.prefetch_related(Prefetch("books", Book.objects.order_by("pk")), "books__tags").get(name="Bob")
    same("prefetch_related", len(prefetched.books.all()[0].tags.all()), 2)
    same("union", Author.objects.filter(pk=1).union(Author.objects.filter(pk=2)).count(), 2)
    Review.objects.create(book=books[0], stars=5)
    same("cascade", books[0].delete()[0], 4)
    same("raw", [a.name for a in Author.objects.raw("SELECT * FROM shop_author WHERE born > %s ORDER BY name", [1900])], ["Bob", "Cy", "Dee"])
    same("explained", "Scan" in Book.objects.filter(pk=1).explain(), True)


def aggregates():
    got = Book.objects.aggregate(n=Count("pk"), least=models.Min("pages"), most=Max("pages"), total=Sum("price"), mean=Avg("pages"))
    same("aggregate", got, {"n": 59, "least": 102, "most": 160, "total": D("461.50"), "mean": 131.0})
    got = Author.objects.annotate(n=Count("books", filter=Q(books__pages__gt=150))).order_by("name").values_list("name", "n")
    same("annotate", list(got), [("Ada", 7), ("Bob", 3), ("Cy", 0), ("Dee", 0)])
    got = Book.objects.annotate(year=ExtractYear("published")).values("year").annotate(n=Count("*")).order_by("year")
    same("group by", [row["n"] for row in got], [11, 12, 12, 12, 12])
    got = Book.objects.annotate(rank=Window(Rank(), partition_by="author", order_by="-pages"), row=Window(RowNumber(), order_by="pk"))
    same("window", [(b.isbn, b.rank) for b in got.filter(rank__lte=2).order_by("author", "rank")],
         [("isbn59", 1), ("isbn58", 2), ("isbn57", 1), ("isbn54", 2)])
    newest = Book.objects.filter(author=OuterRef("pk")).order_by("-published", "pk").values("isbn")[:1]
    got = Author.objects.annotate(newest=Subquery(newest), any=Exists(newest)).order_by("name").values_list("newest", "any")
    same("subquery", list(got), [("isbn59", True), ("isbn9", True), (None, False), (None, False)])
    got = Author.objects.annotate(age=Case(When(born__lt=1900, then=Value("old")), default=Value("new")), both=Concat(Lower("name"), Value("!")))
    same("case", list(got.order_by("pk").values_list("age", "both"))[:2], [("old", "ada!"), ("new", "bob!")])
    got = Author.objects.annotate(names=ArrayAgg("books__isbn", filter=Q(books__pages__lt=105), ordering="books__isbn", default=Value([])))
    same("array_agg", list(got.order_by("pk").values_list("names", flat=True)), [["isbn1", "isbn2"], ["isbn3"], [], []])
    same("string_agg", Tag.objects.aggregate(all=StringAgg("word", "+", ordering="word"))["all"], "green+red")
    got = Book.objects.annotate(month=TruncMonth("published")).values_list("month", flat=True).distinct().order_by("month")
    same("trunc", list(got)[:2], [dt.date(2000, 2, 1), dt.date(2000, 3, 1)])
    same("having", Author.objects.annotate(n=Count("books")).filter(n__gt=19).aggregate(t=Coalesce(Sum("n"), 0))["t"], 40)
    got = Book.objects.annotate(v=SearchVector("title"), r=SearchRank(SearchVector("title"), SearchQuery("title & 7")))
    same("search", [b.isbn for b in got.filter(v=SearchQuery("title & 7", search_type="raw"))], ["isbn7"])


def fields():
    value = dict(
        flag=True, small=-5, big=2**40, real=0.1, number=D("12345.6789"), text="süß", data=b"\0\xff", day=dt.date(2024, 2, 29),
        moment=MOMENT, clock=dt.time(1, 2, 3, 4), length=dt.timedelta(days=3, microseconds=5), key=uuid.uuid4(), address="10.1.2.3",
        document={"a": [1, {"b": None}], "k": "v"}, words=["x", "y,z", ""], grid=[[1, 2], [3, 4]],
    )
    pk = Everything.objects.create(**value).pk
    got = Everything.objects.get(pk=pk)
    for name, expected in value.items():
        found = getattr(got, name)
        same(f"field {name}", bytes(found) if name == "data" else found, expected)
    one = Everything.objects.filter(pk=pk)
    for name, condition in {
        "json path": {"document__a__1__b": None},
        "json value": {"document__k": "v"},
        "json contains": {"document__contains": {"k": "v"}},
        "json has_keys": {"document__has_keys": ["a", "k"]},
        "array contains": {"words__contains": ["x"]},
        "array overlap": {"words__overlap": ["q", "y,z"]},
        "array len": {"words__len": 3},
        "array index": {"grid__1__0": 3},
        "array slice": {"words__0_2": ["x", "y,z"]},
        "date part": {"moment__week_day": 5},
        "time zone": {"moment__hour": 13},
        "range": {"day__range": (dt.date(2024, 1, 1), dt.date(2024, 12, 31))},
    }.items():
        same(name, one.filter(**condition).count(), 1)
    same("json key", list(one.values_list("document__a__0", flat=True)), [1])
    same("generated", got.doubled, -10)
    same("database default", Everything.objects.create().small, 7)


def transactions():
    try:
        with transaction.atomic():
            Tag.objects.create(word="blue")
            try:
                with transaction.atomic():
                    Tag.objects.create(word="red")
            except IntegrityError as error:
                same("unique", error.__cause__.diag.constraint_name.startswith("shop_tag_word"), True)
            Tag.objects.create(word="pink")
            raise KeyError
    except KeyError:
        pass
    same("rolled back", Tag.objects.count(), 2)
    called = []
    with transaction.atomic():
        transaction.on_commit(lambda: called.append(1))
    same("on_commit", called, [1])
    for name, action in {
        "check": lambda: Book.objects.create(title="x", author_id=1, pages=0, price=1, isbn="none", published=MOMENT.date()),
        "conditional unique": lambda: Book.objects.filter(isbn="isbn2").update(isbn="isbn3"),
        "not null": lambda: Author.objects.create(name="E", born=None),
    }.items():
        fails(name, IntegrityError, transaction.atomic(action))

    def without_author():
        with transaction.atomic():
            Book.objects.filter(isbn="isbn2").update(author_id=999)

    fails("foreign key at commit", IntegrityError, without_author)

    def too_long():
        Author.objects.create(name="x" * 200, born=1)

    fails("too long", DataError, too_long)
    with transaction.atomic():
        locked = Author.objects.select_for_update().get(pk=1)
        seen = []

        def other():
            try:
                with transaction.atomic():
                    try:
                        Author.objects.select_for_update(nowait=True).get(pk=1)
                    except OperationalError:
                        seen.append("refused")
                with transaction.atomic():
                    seen.append(list(Author.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True))[0])
            finally:
                connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        same("select_for_update", (locked.pk, seen), (1, ["refused", 2]))


def applications():
    user = User.objects.create_superuser("root", "root@example.com", "secret")
    group = Group.objects.create(name="readers")
    group.permissions.set(Permission.objects.filter(codename__startswith="view_"))
    user.groups.add(group)
    same("password", User.objects.get(username="root").check_password("secret"), True)
    same("permission", User.objects.with_perm("shop.view_book", include_superusers=False, backend="django.contrib.auth.backends.ModelBackend").count(), 1)
    same("content type", ContentType.objects.get_for_model(Book).model, "book")
    session = SessionStore()
    session["basket"] = [1, 2]
    session.save()
    same("session", SessionStore(session.session_key)["basket"], [1, 2])
    from django.contrib.admin.models import ADDITION, LogEntry

    LogEntry.objects.log_actions(user.pk, [Book.objects.first()], ADDITION, change_message="made", single_object=True)
    same("admin's log", LogEntry.objects.count(), 1)
    same("bound on the server", Book.objects.using("pooled").filter(pages__in=[102, 103]).aggregate(n=Count("pk"), s=Sum("pages"))["s"], 205)
    connections["pooled"].close()
    out = Path(os.devnull).open("w")
    call_command("dumpdata", "shop", stdout=out)
    print("ok dumpdata", flush=True)
    call_command("flush", interactive=False, verbosity=0)
    same("flushed", (Book.objects.count(), Author.objects.create(name="New", born=1).pk), (0, 1))
    call_command("migrate", "shop", "zero", verbosity=0)
    same("undone", [t for t in connection.introspection.table_names() if t.startswith("shop_")], [])


for part in (migrations, rows, aggregates, fields, transactions, applications):
    part()
connection.close()
end()
