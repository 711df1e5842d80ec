"""The named cast: small, always the same, so that a test reads as a sentence."""

from dataclasses import dataclass

from tasks_tracker.models import Actor, Region, Role, User
from tests.factories import make_actor, make_region, make_user


@dataclass(frozen=True)
class Cast:
    """Who is who. Units: the ministry with one bureau; 湖北 with 武汉 below it; 江苏."""

    ministry: Actor
    bureau: Actor
    hubei: Actor
    wuhan: Actor
    jiangsu: Actor
    hubei_region: Region
    jiangsu_region: Region
    chen: User  # 陈晓岚, reporter of 湖北
    zhou: User  # 周明远, reviewer of 湖北
    liu: User  # 刘洋, reporter of 武汉, below 湖北
    wang: User  # 王海, reporter of 江苏
    li: User  # 李维, supervisor, national
    sun: User  # 孙悦, supervisor of 江苏 only
    zhao: User  # 赵部长, viewer, national
    system_admin: User
    security_admin: User
    audit_admin: User

    def one_of_each_role(self) -> list[User]:
        """Seven users, one per role."""
        return [
            self.chen,
            self.zhou,
            self.li,
            self.zhao,
            self.system_admin,
            self.security_admin,
            self.audit_admin,
        ]


def make_cast() -> Cast:
    """Make everybody, with their units and regions."""
    hubei_region, jiangsu_region = make_region("420000"), make_region("320000")
    ministry = make_actor("miit", name="工业和信息化部", name_en="MIIT", level=Actor.Level.MINISTRY)
    bureau = make_actor(
        "planning", name="规划司", name_en="Planning", level=Actor.Level.BUREAU, parent=ministry
    )
    hubei = make_actor("hubei", name="湖北省经济和信息化厅", parent=ministry, region=hubei_region)
    wuhan = make_actor("wuhan", name="武汉市经信局", level=Actor.Level.PREFECTURE, parent=hubei)
    jiangsu = make_actor("jiangsu", name="江苏省工业和信息化厅", parent=ministry, region=jiangsu_region)
    sun = make_user(Role.SUPERVISOR, "sun", display_name="孙悦", actor=ministry)
    sun.regions.add(jiangsu_region)
    return Cast(
        ministry=ministry,
        bureau=bureau,
        hubei=hubei,
        wuhan=wuhan,
        jiangsu=jiangsu,
        hubei_region=hubei_region,
        jiangsu_region=jiangsu_region,
        chen=make_user(Role.REPORTER, "chen", display_name="陈晓岚", actor=hubei),
        zhou=make_user(Role.REVIEWER, "zhou", display_name="周明远", actor=hubei),
        liu=make_user(Role.REPORTER, "liu", display_name="刘洋", actor=wuhan),
        wang=make_user(Role.REPORTER, "wang", display_name="王海", actor=jiangsu),
        li=make_user(Role.SUPERVISOR, "li", display_name="李维", actor=ministry),
        sun=sun,
        zhao=make_user(Role.VIEWER, "zhao", display_name="赵部长", actor=ministry),
        system_admin=make_user(Role.SYSTEM_ADMIN, "system", display_name="系统管理员"),
        security_admin=make_user(Role.SECURITY_ADMIN, "security", display_name="安全保密员"),
        audit_admin=make_user(Role.AUDIT_ADMIN, "audit", display_name="安全审计员"),
    )
