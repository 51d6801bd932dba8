"""The operator's templates at Mailjet: checked, pushed, pulled, compared, tried out.

targets -> folder (what we have) + account (what Mailjet has) -> comparing -> pushing, pulling. Linting reads both.
"""
