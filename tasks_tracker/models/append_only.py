"""Tables whose rows are added and read, and never changed or removed."""

from typing import Any, ClassVar, NoReturn

from django.db import models


class AppendOnly(Exception):
    """A row that stays as it was written was to be changed or removed. The argument names the table."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that are added and read, nothing else."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnly(self.model._meta.db_table)

    update = delete = bulk_update = update_or_create = _raw_delete = _refuse
    aupdate = adelete = abulk_update = aupdate_or_create = _refuse

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        """Many rows at once, none of which may take the place of another."""
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            self._refuse()
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnlyModel(models.Model):
    """A table whose rows stay as they were written."""

    objects: ClassVar[models.Manager[Any]] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only a new row. Raises AppendOnly."""
        if not self._state.adding or kwargs.get("force_update") or kwargs.get("update_fields"):
            raise AppendOnly(self._meta.db_table)
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never. Raises AppendOnly."""
        raise AppendOnly(self._meta.db_table)
