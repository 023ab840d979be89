"""What does a study teach? Asked of its journal, and said in words.

```text
asked      what its choices are worth, and how accurate another network would be
sentences  the same in words, for terminal, page and notebook alike
```
"""
