"""A team's charts as a Python user writes them: scripts/python-chart.mjs runs this file with the
output folder as argument, and reads the YAML and the errors that are printed at the end."""

import json
import sys

from cdk8s import App, Chart
from cdk8s_ml_netpol import (
    ClusterProfile,
    DefaultDeny,
    DnsEgress,
    Environment,
    MlNamespace,
    MlPlatform,
    ModelRegistry,
    Peer,
    Port,
    Workload,
)
from constructs import Construct


class ServingChart(Chart):
    """Single constructs in an app of the user's own."""

    def __init__(self, scope: Construct, id: str):
        super().__init__(scope, id)

        namespace = MlNamespace(self, "llm-serving", module="serving")
        DefaultDeny(self, "default-deny", namespace=namespace)
        DnsEgress(self, "dns", namespace=namespace)
        gateway = Workload(
            self, "gateway", namespace=namespace, labels={"app": "gateway"}, ports=[Port.http(8443)]
        )
        api = Workload(
            self, "model-api", namespace=namespace, labels={"app": "model-api"}, ports=[Port.http(8080)]
        )
        api.allow_from(gateway, reason="inference")


def synth_chart(outdir: str) -> None:
    app = App(outdir=outdir)
    ServingChart(app, "serving")
    app.synth()


def synth_platform(outdir: str) -> None:
    """A component of the catalogue: what add() returns is a Component, its roles go by name."""
    platform = MlPlatform(
        outdir=outdir, cluster=ClusterProfile.kubeadm(), environment=Environment.PROD
    )
    mlflow = platform.module("mlflow").add(ModelRegistry.mlflow())
    trainer = platform.module("ml-training").workload("bert", labels={"app": "bert"})
    trainer.allow_to(mlflow.role("tracking"), reason="experiment tracking")
    trainer.allow_to(Peer.cidr("203.0.113.0/24"), ports=[Port.tcp(443)], reason="data set")
    platform.synth()


def wrong_value() -> None:
    Port.tcp(70000)


def wrong_role() -> None:
    mlflow = MlPlatform().module("mlflow").add(ModelRegistry.mlflow())
    mlflow.role("metrics")


def wrong_relation(outdir: str) -> None:
    """Nothing says on which ports; told by synth, together with whatever else is wrong."""
    platform = MlPlatform(outdir=outdir)
    module = platform.module("reporting")
    dashboard = module.workload("dashboard", labels={"app": "dashboard"})
    dashboard.allow_from(module, reason="reports")
    platform.synth()


def message_of(mistake, *args) -> str:
    try:
        mistake(*args)
    except Exception as error:
        return str(error)
    raise AssertionError(f"{mistake.__name__} was accepted")


out = sys.argv[1]
synth_chart(f"{out}/chart")
synth_platform(f"{out}/platform")
errors = {
    "value": message_of(wrong_value),
    "role": message_of(wrong_role),
    "relation": message_of(wrong_relation, f"{out}/wrong"),
}
print(json.dumps(errors))
