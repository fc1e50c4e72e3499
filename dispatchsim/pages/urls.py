"""Addresses of the pages."""

from django.urls import path

from dispatchsim.pages import conversations, history, launch, launched, sign_in

urlpatterns = [
    path("", launch.launch, name="launch"),
    path("conversations/launch/", launch.launch_call, name="launch_conversation"),
    path("conversations/prompts/", launch.read_prompts, name="read_prompts"),
    path("conversations/launched/", launched.launched_calls, name="launched_calls"),
    path("conversations/launched/end/", launched.end_launched, name="end_launched_calls"),
    path("conversations/", history.conversation_list, name="conversation_list"),
    path("conversations/<uuid:conversation_id>/", conversations.conversation_detail, name="conversation_detail"),
    path("conversations/<uuid:conversation_id>/end/", conversations.end_call, name="end_conversation"),
    path("conversations/<uuid:conversation_id>/again/", launch.repeat_call, name="repeat_conversation"),
    path("conversations/<uuid:conversation_id>/labels/", history.label_call, name="label_conversation"),
    path("conversations/<uuid:conversation_id>/delete/", history.delete_call, name="delete_conversation"),
    path("conversations/<uuid:conversation_id>/token/", conversations.token, name="observer_token"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/<str:token>/", sign_in.sign_in_link, name="sign_in_link"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
]
