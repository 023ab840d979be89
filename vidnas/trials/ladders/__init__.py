"""Which budgets do the sizes of a family have?

```text
ladder    rising budgets, of one cost or of several at once
spread    budgets spread over a front, or evenly between two
stated    how a person states a ladder: budgets, `spread`, ends, published networks
```
"""
