"""Settings of single sign-on, from the environment: a provider is on where its first variable is set."""

import environ


def sign_on_settings(env: environ.Env) -> dict[str, dict[str, str]]:
    """{kind of provider: what its class takes}."""
    found: dict[str, dict[str, str]] = {}
    if env("FENLIU_OIDC_ISSUER", default=""):
        found["oidc"] = {
            "issuer": env("FENLIU_OIDC_ISSUER"),
            "client_id": env("FENLIU_OIDC_CLIENT_ID"),
            "client_secret": env("FENLIU_OIDC_CLIENT_SECRET"),
            "label": env("FENLIU_OIDC_NAME", default="SSO"),
        }
    if env("FENLIU_WECOM_CORPID", default=""):
        found["wecom"] = {
            "corp_id": env("FENLIU_WECOM_CORPID"),
            "agent_id": env("FENLIU_WECOM_AGENTID"),
            "secret": env("FENLIU_WECOM_SECRET"),
            "login": env("FENLIU_WECOM_LOGIN", default="https://login.work.weixin.qq.com"),
            "api": env("FENLIU_WECOM_API", default="https://qyapi.weixin.qq.com"),
        }
    if env("FENLIU_DINGTALK_CLIENT_ID", default=""):
        found["dingtalk"] = {
            "client_id": env("FENLIU_DINGTALK_CLIENT_ID"),
            "client_secret": env("FENLIU_DINGTALK_CLIENT_SECRET"),
            "login": env("FENLIU_DINGTALK_LOGIN", default="https://login.dingtalk.com"),
            "api": env("FENLIU_DINGTALK_API", default="https://api.dingtalk.com"),
        }
    if env("FENLIU_FEISHU_APP_ID", default=""):
        found["feishu"] = {
            "app_id": env("FENLIU_FEISHU_APP_ID"),
            "app_secret": env("FENLIU_FEISHU_APP_SECRET"),
            "login": env("FENLIU_FEISHU_LOGIN", default="https://accounts.feishu.cn"),
            "api": env("FENLIU_FEISHU_API", default="https://open.feishu.cn"),
        }
    return found
