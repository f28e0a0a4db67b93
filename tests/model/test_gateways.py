from sekisho.model.gateways import GatewayDocument, GatewaysDocument


def test_what_is_not_known_is_null() -> None:
    one = GatewayDocument(
        name="g", platform="nftables", address="10.0.0.1", deliver="ssh", reached=False, why="no route"
    )
    written = GatewaysDocument(gateways=(one,)).model_dump(by_alias=True)
    assert written["schema"] == "sekisho.gateways/1"
    assert written["gateways"][0]["as_told"] is None
