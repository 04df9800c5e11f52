"""One team chart as a Python user writes it: scripts/python-chart.mjs runs it and reads the YAML."""

import sys

from cdk8s import App, Chart
from cdk8s_ml_netpol import DefaultDeny, MlNamespace, Port, Workload
from constructs import Construct


class ServingChart(Chart):
    def __init__(self, scope: Construct, id: str):
        super().__init__(scope, id)

        namespace = MlNamespace(self, "llm-serving", module="serving")
        DefaultDeny(self, "default-deny", namespace=namespace)
        gateway = Workload(
            self, "gateway", namespace=namespace, labels={"app": "gateway"}, ports=[Port.http(8443)]
        )
        api = Workload(
            self, "model-api", namespace=namespace, labels={"app": "model-api"}, ports=[Port.http(8080)]
        )
        api.allow_from(gateway, reason="inference")


app = App(outdir=sys.argv[1])
ServingChart(app, "serving")
app.synth()
